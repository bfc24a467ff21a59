//! `POST /v1/users`

use std::borrow::Cow;

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Timestamp, Verb, source};
use clinicos_gate::people::UserState;
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _, keyring};
use clinicos_store::StoreError;

use super::model::{INVITATION_DAYS, NEW_USER, NewUser, User};
use super::{RESOURCE, events, rows};

const SECONDS_PER_DAY: i64 = 86_400;

/// Invites a person. The answer holds the token of a link that works once.
pub struct Invite;

impl Operation for Invite {
    const SPEC: Spec = Spec {
        id: "users.invite",
        route: Route::post("/v1/users"),
        summary: "Invite a person",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Person,
        body: Some(Body { schema: &NEW_USER, verb: Verb::Create }),
        reply: Reply::created(User::SCHEMA),
        security: true,
        emits: &[&events::INVITED],
        example: r#"{"email": "sam.rivera@example.com", "name": "Sam Rivera", "role": "Manager"}"#,
        ..Spec::DEFAULT
    };
    type Body = NewUser;
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewUser>) -> Result<Self::Output, Problem> {
        let new = input.body;
        let Invitation { token, hash, until } = invitation(cx);
        let user = User {
            id: cx.mint(),
            clinic_id: cx.clinic_id()?,
            email: Cow::Owned(new.email.trim().to_owned()),
            name: Cow::Owned(new.name),
            role: new.role,
            state: UserState::Invited,
            state_reason: None,
            second_factor: false,
            session_id: None,
            invitation: None,
            second_factor_secret: None,
            recovery_codes: None,
            recovery_codes_left: None,
            created_at: cx.now(),
            updated_at: cx.now(),
            version: 1,
        };
        let inserted = rows::insert(cx.conn(), &user, &hash, until).await;
        if let Err(StoreError::Constraint(_)) = inserted {
            return Err(Problem::rule("/email", "already_exists", TAKEN));
        }
        inserted.or_problem()?;
        cx.security_change("user.invited", Some(user.clinic_id), user.id.any());
        cx.emit(Announcement::new(&events::INVITED, user.id.any(), 1).with("role", user.role.name()));
        Ok(One(User { invitation: Some(Cow::Owned(token)), ..user }))
    }
}

/// An invitation that was just made.
pub(super) struct Invitation {
    /// What the link holds.
    pub token: String,
    /// What is stored of it.
    pub hash: String,
    /// When it ends.
    pub until: Timestamp,
}

/// Makes an invitation.
pub(super) fn invitation(cx: &Cx<'_>) -> Invitation {
    let token = keyring::to_hex(&source::random::<32>(cx.entropy()));
    let hash = keyring::to_hex(&cx.services().keyring.credential_hash(&token));
    Invitation { token, hash, until: cx.now().plus_seconds(INVITATION_DAYS * SECONDS_PER_DAY) }
}

/// One sentence for the own clinic and for every other one: an inviter learns that the address is taken, not where.
const TAKEN: &str = "this address cannot be invited; if the person is in your list of people already, invite them anew there";
