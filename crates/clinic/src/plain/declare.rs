//! The macro that declares a plain record.

/// Declares a record that is read and written as it stands.
///
/// What every record has is not said: `id`, `clinic_id`, `external_ids`, `created_at`, `updated_at`,
/// `version` and `deleted_at`. A record with amounts names the column of their currency.
///
/// ```text
/// plain_record! {
///     /// A time that a client booked.
///     pub struct Appointment<'a>: AppointmentKind, "appointment" in "appointments";
///     words "an appointment", "appointments";
///     index "client_id" "starts_at";
///     worklist "status";
///     through "patient_id" rows::OF_PATIENT;
///     {
///         /// When it starts.
///         starts_at: Timestamp = CALENDAR.required().updatable().range().sortable(),
///     }
/// }
/// ```
#[macro_export]
macro_rules! plain_record {
    (
        $(#[doc = $record_doc:literal])+
        pub struct $name:ident<$life:lifetime>: $kind:ty, $singular:literal in $table:literal;
        words $one:literal, $many:literal;
        index $($indexed:literal)*;
        $(worklist $worklist:literal;)?
        $(through $through:literal $condition:path;)*
        $(money in $currency:ident;)?
        {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $type:ty = $flags:expr,
            )+
        }
    ) => {
        clinicos_contract::record! {
            $(#[doc = $record_doc])+
            pub struct $name<$life> as $singular {
                /// Its identifier.
                id: clinicos_contract::Id<$kind> = $crate::plain::declare::SYSTEM,
                /// The clinic whose record this is.
                clinic_id: clinicos_gate::ClinicId = $crate::plain::declare::SYSTEM,
                $(
                    /// The currency of its amounts: the clinic's.
                    $currency: clinicos_contract::Currency = $crate::plain::declare::SYSTEM,
                )?
                $(
                    $(#[doc = $doc])+
                    $field: $type = $flags,
                )+
                /// Identifiers in other systems.
                external_ids: clinicos_contract::wire::Doc<$life, $crate::documents::ExternalIds> =
                    $crate::plain::declare::SYSTEM
                        .tells_of(<$name<'static> as $crate::plain::Plain>::RESOURCE.primary)
                        .writable()
                        .max(20),
                /// When it was created.
                created_at: clinicos_contract::Timestamp = $crate::plain::declare::SYSTEM.range(),
                /// When it last changed.
                updated_at: clinicos_contract::Timestamp = $crate::plain::declare::SYSTEM.range().sortable(),
                /// Grows with each change.
                version: i64 = $crate::plain::declare::SYSTEM,
                /// When it was deleted, on a tombstone.
                deleted_at: Option<clinicos_contract::Timestamp> = $crate::plain::declare::SYSTEM.sparse(),
            }
        }

        impl<$life> $name<$life> {
            /// Does not compile if a new record may lack a field and nothing is filled in.
            const COMPLETE: () = {
                $(
                    let flags: clinicos_contract::Field = $flags;
                    assert!(
                        matches!(flags.create, clinicos_contract::schema::Presence::Required)
                            || !flags.fallback.is_empty()
                            || <$type as $crate::plain::column::Column<$life>>::MAY_LACK,
                        concat!("a new record may lack `", stringify!($field), "`, and nothing is filled in")
                    );
                )+
            };

            fn decode(row: &$life dyn clinicos_store::Row) -> Result<Self, clinicos_store::StoreError> {
                use $crate::plain::column::read;
                let mut columns = 0..;
                let mut next = || columns.next().unwrap_or_default();
                let currency = clinicos_contract::Currency::USD;
                let (id, clinic_id) = (read(row, next(), currency)?, read(row, next(), currency)?);
                $(
                    let $currency = read(row, next(), currency)?;
                    let currency = $currency;
                )?
                Ok(Self {
                    id,
                    clinic_id,
                    $($currency,)?
                    $( $field: read(row, next(), currency)?, )+
                    external_ids: read(row, next(), currency)?,
                    created_at: read(row, next(), currency)?,
                    updated_at: read(row, next(), currency)?,
                    version: read(row, next(), currency)?,
                    deleted_at: read(row, next(), currency)?,
                })
            }
        }

        impl $crate::plain::Declared for $name<'static> {
            type Kind = $kind;
            const NAMES: $crate::plain::Names = $crate::plain::Names {
                operations: $crate::plain::Verbs {
                    list: concat!($table, ".list"),
                    get: concat!($table, ".get"),
                    create: concat!($table, ".create"),
                    update: concat!($table, ".update"),
                    delete: concat!($table, ".delete"),
                },
                summaries: $crate::plain::Verbs {
                    list: concat!("List ", $many),
                    get: concat!("Get ", $one),
                    create: concat!("Create ", $one),
                    update: concat!("Change ", $one),
                    delete: concat!("Delete ", $one),
                },
                collection: concat!("/v1/", $table),
                item: concat!("/v1/", $table, "/{", $singular, "_id}"),
                parameter: concat!($singular, "_id"),
            };
            const STATEMENTS: &'static $crate::plain::rows::Statements =
                $crate::plain_statements!(<Self as clinicos_contract::Record>::SCHEMA, Self::UPDATED, $table, [$($field)+], [$($currency)?], [$($indexed)*], $crate::worklist!($($worklist)?), &[$(($through, $condition)),*]);
            const CREATED: &'static clinicos_contract::event::EventType =
                &clinicos_contract::event::EventType::new(concat!($singular, ".created"), concat!("Somebody added ", $one, "."));
            const UPDATED: &'static clinicos_contract::event::EventType = &clinicos_contract::event::EventType::new(
                concat!($singular, ".updated"),
                concat!("Somebody changed ", $one, "; `changed` names the fields."),
            );
            const DELETED: &'static clinicos_contract::event::EventType = &clinicos_contract::event::EventType::new(
                concat!($singular, ".deleted"),
                concat!("Somebody deleted ", $one, "; a tombstone remains."),
            );

            fn assemble(
                head: $crate::plain::Head<$kind>,
                given: &$crate::plain::Given,
            ) -> Result<Self, clinicos_contract::Problem> {
                use $crate::plain::column::fill;
                let () = Self::COMPLETE;
                Ok(Self {
                    id: head.id,
                    clinic_id: head.clinic,
                    $( $currency: head.currency, )?
                    $( $field: fill(given, stringify!($field), { const FLAGS: clinicos_contract::Field = $flags; FLAGS.fallback }, head.currency)?, )+
                    external_ids: fill(given, "external_ids", "", head.currency)?,
                    created_at: head.now,
                    updated_at: head.now,
                    version: 1,
                    deleted_at: None,
                })
            }

            fn change(
                &mut self,
                given: &$crate::plain::Given,
                currency: clinicos_contract::Currency,
            ) -> Result<$crate::changes::Changes, clinicos_contract::Problem> {
                use $crate::plain::column::patch;
                let mut changes = $crate::changes::Changes::default();
                $(
                    if patch(&mut self.$field, given, stringify!($field), { const FLAGS: clinicos_contract::Field = $flags; FLAGS.fallback }, currency)? {
                        changes.note(stringify!($field));
                    }
                )+
                if patch(&mut self.external_ids, given, "external_ids", "", currency)? {
                    changes.note("external_ids");
                }
                Ok(changes)
            }

            fn differences(&self, other: &Self) -> $crate::changes::Changes {
                use $crate::plain::column::Column as _;
                let mut changes = $crate::changes::Changes::default();
                $(
                    if self.$field.stored() != other.$field.stored() {
                        changes.note(stringify!($field));
                    }
                )+
                if self.external_ids.stored() != other.external_ids.stored() {
                    changes.note("external_ids");
                }
                changes
            }

            fn read(row: &dyn clinicos_store::Row) -> Result<Self, clinicos_store::StoreError> {
                Ok(clinicos_contract::wire::IntoStatic::into_static($name::decode(row)?))
            }

            fn emit(
                row: &dyn clinicos_store::Row,
                out: &mut clinicos_contract::Writer,
                view: &clinicos_contract::View,
            ) -> Result<(), clinicos_store::StoreError> {
                out.record(&$name::decode(row)?, view);
                Ok(())
            }

            fn values<'v>(&'v self, params: &mut Vec<clinicos_store::Value<'v>>) {
                use $crate::plain::column::Column as _;
                params.extend([self.id.stored(), self.clinic_id.stored()]);
                $( params.push(self.$currency.stored()); )?
                $( params.push(self.$field.stored()); )+
                params.extend([
                    self.external_ids.stored(),
                    self.created_at.stored(),
                    self.updated_at.stored(),
                    self.version.stored(),
                    self.deleted_at.stored(),
                ]);
            }

            fn standing(&mut self) -> $crate::plain::Standing<'_> {
                $crate::plain::Standing {
                    updated_at: &mut self.updated_at,
                    version: &mut self.version,
                    deleted_at: &mut self.deleted_at,
                }
            }

            fn id(&self) -> clinicos_contract::Id<$kind> {
                self.id
            }

            fn external_ids(&self) -> $crate::documents::ExternalIds {
                self.external_ids.value().unwrap_or_default()
            }
        }
    };
}

/// The category of identifiers, versions and times.
pub const SYSTEM: clinicos_contract::Field = clinicos_contract::Field::of(clinicos_contract::Category::RecordSystem);

/// The five operations of a plain record.
#[macro_export]
macro_rules! plain_operations {
    ($record:ty) => {
        [
            &$crate::plain::list::List::<$record>::NEW as &dyn clinicos_gate::AnyOperation,
            &$crate::plain::get::Get::<$record>::NEW,
            &$crate::plain::create::Create::<$record>::NEW,
            &$crate::plain::update::Update::<$record>::NEW,
            &$crate::plain::delete::Delete::<$record>::NEW,
        ]
    };
}

/// The field that a list is asked for by, to see what is to be done.
#[macro_export]
macro_rules! worklist {
    () => {
        None
    };
    ($field:literal) => {
        Some($field)
    };
}
