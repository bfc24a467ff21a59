//! Random cases: a grant, what clients decided, a jurisdiction and a field. The same seed gives the same cases.

use std::sync::Arc;

use clinicos_consent::{Method, OptIn, Patient, PurposeSet, Recipient, RecipientClass, Rule, Rules, Statement, To, all};
use clinicos_contract::{AnyId, Category, CategorySet, Purpose, Timestamp};

/// Moments of a case lie close together, so that they often meet.
const MOMENTS: u64 = 12;
const STATEMENTS_MAX: u64 = 7;
const OWNERS_MAX: u64 = 4;

/// One question: may this field leave?
#[derive(Debug, Clone)]
pub struct Case {
    /// By whose rules.
    pub rules: Arc<Rules>,
    /// Who asks.
    pub recipient: Recipient,
    /// What the clinic opted in to.
    pub opt_ins: Vec<OptIn>,
    /// What each owner of the record said, in no order.
    pub owners: Vec<Vec<Statement>>,
    /// The patient that the record is about, if it is about one.
    pub patient: Option<Patient>,
    /// The category of the field.
    pub category: Category,
    /// Whether the field is the clinic's own figure.
    pub is_figure: bool,
    /// When it is asked.
    pub now: Timestamp,
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014). Not fit for secrets.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(items.len() as u64)).ok()?;
        items.get(at).cloned()
    }

    fn moment(&mut self) -> Timestamp {
        Timestamp::from_micros(i64::try_from(self.below(MOMENTS)).unwrap_or_default())
    }

    fn maybe_moment(&mut self) -> Option<Timestamp> {
        self.chance(3).then(|| self.moment())
    }
}

impl Case {
    /// The next case.
    pub fn draw(random: &mut Random) -> Self {
        let recipient = recipient(random);
        let owners = (0..random.below(OWNERS_MAX)).map(|_| statements(random)).collect();
        Self {
            rules: if random.chance(3) { made_up(random) } else { known(random) },
            opt_ins: opt_ins(random, recipient.purpose),
            owners,
            patient: random.chance(2).then(|| id("pat", random.below(2))),
            category: random.pick(Category::ALL).unwrap_or(Category::Clinical),
            is_figure: random.chance(5),
            now: random.moment(),
            recipient,
        }
    }
}

fn id(prefix: &'static str, number: u64) -> AnyId {
    AnyId { prefix, bytes: u128::from(number).to_be_bytes() }
}

fn known(random: &mut Random) -> Arc<Rules> {
    random.pick(all()).unwrap_or_else(|| made_up(random))
}

fn recipient(random: &mut Random) -> Recipient {
    Recipient {
        connection: format!("con_{}", random.below(2)).into(),
        name: random.pick(&["Acme", "Ledger"]).unwrap_or_default().into(),
        former_names: if random.chance(3) {
            vec![random.pick(&["Acme", "Ledger"]).unwrap_or_default().into()]
        } else {
            Vec::new()
        },
        partner: random.chance(3).then(|| "rdv_1".into()),
        class: class(random),
        purpose: purpose(random),
    }
}

fn class(random: &mut Random) -> RecipientClass {
    random.pick(&RecipientClass::ALL).unwrap_or(RecipientClass::Anyone)
}

/// A few purposes much more often than the others, so that cases meet.
fn purpose(random: &mut Random) -> Purpose {
    let common = [Purpose::Treatment, Purpose::Payment, Purpose::Reminders, Purpose::Marketing];
    let all = if random.chance(3) { Purpose::ALL } else { &common };
    random.pick(all).unwrap_or(Purpose::Operations)
}

fn purposes(random: &mut Random) -> PurposeSet {
    if random.chance(3) {
        return PurposeSet::all();
    }
    (0..=random.below(4)).map(|_| purpose(random)).collect()
}

fn data(random: &mut Random) -> CategorySet {
    if random.chance(3) {
        return CategorySet::ALL;
    }
    (0..=random.below(4)).filter_map(|_| random.pick(Category::ALL)).collect()
}

fn opt_ins(random: &mut Random, purpose_of_grant: Purpose) -> Vec<OptIn> {
    let mut opt_ins = Vec::new();
    for category in Category::ALL {
        if random.chance(8) {
            continue;
        }
        let purpose = if random.chance(8) { purpose(random) } else { purpose_of_grant };
        opt_ins.push(OptIn { category: *category, purpose, expires_at: random.maybe_moment() });
    }
    opt_ins
}

fn statements(random: &mut Random) -> Vec<Statement> {
    (0..random.below(STATEMENTS_MAX + 1)).map(|number| statement(random, number)).collect()
}

fn statement(random: &mut Random, number: u64) -> Statement {
    let decided_at = random.moment();
    let taken_back = random.chance(4).then(|| random.moment().max(decided_at));
    Statement {
        id: id("cns", number),
        patient: random.chance(4).then(|| id("pat", random.below(2))),
        permits: random.chance(2),
        purposes: purposes(random),
        data: data(random),
        recipients: recipients(random),
        from: random.maybe_moment(),
        until: random.maybe_moment(),
        decided_at,
        withdrawn_at: taken_back,
        method: random.pick(&Method::ALL).unwrap_or(Method::Import),
        has_evidence: random.chance(2),
    }
}

fn recipients(random: &mut Random) -> Vec<To> {
    if random.chance(2) {
        return Vec::new();
    }
    let one = |random: &mut Random| match random.below(5) {
        0 => To::App(format!("con_{}", random.below(2)).into()),
        1 => To::App(random.pick(&["acme", "LEDGER"]).unwrap_or_default().into()),
        2 => To::Partner("rdv_1".into()),
        3 => To::Class(RecipientClass::Anyone),
        _ => To::Class(class(random)),
    };
    (0..=random.below(2)).map(|_| one(random)).collect()
}

/// A jurisdiction that does not exist, so that rules are compared and not only those that are known.
fn made_up(random: &mut Random) -> Arc<Rules> {
    let mut rule = |number: u64, permits: bool| Rule {
        id: format!("rule-{number}").into(),
        permits,
        purposes: purposes(random),
        recipients: (0..=random.below(6)).map(|_| class(random)).collect(),
        data: data(random).and(clinicos_consent::OF_CLIENTS),
        why: "made up".into(),
        source: "made up".into(),
        url: None,
    };
    let exceptions = (0..2).map(|number| rule(number, true)).collect();
    let defaults = (2..6).map(|number| rule(number, number % 2 == 0)).collect();
    Arc::new(Rules {
        code: "XX".into(),
        name: "Nowhere".into(),
        about: "Made up.".into(),
        exceptions,
        defaults,
        methods: (0..3).filter_map(|_| random.pick(&Method::ALL)).collect(),
        methods_with_evidence: (0..2).filter_map(|_| random.pick(&Method::ALL)).collect(),
    })
}

impl Case {
    /// The same grant, asked for another field at another time.
    pub fn ask_of_another_field(&mut self, random: &mut Random) {
        self.category = random.pick(Category::ALL).unwrap_or(Category::Clinical);
        self.is_figure = random.chance(5);
        self.now = random.moment();
        self.patient = random.chance(2).then(|| id("pat", random.below(2)));
    }
}
