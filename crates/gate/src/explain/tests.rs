//! What is explained is what is shown, whatever was decided by whom; and what cannot be decided is a no (abuse case L4).

use clinicos_consent::{Method, OF_CLIENTS, PurposeSet, Recipient, RecipientClass, Statement, To, all};
use clinicos_contract::wire::Lens as _;
use clinicos_contract::{CategorySet, Purpose};

use super::*;

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        *items.get(self.below(items.len() as u64) as usize).expect("within")
    }
    fn moment(&mut self) -> Timestamp {
        Timestamp::from_micros(self.below(12) as i64)
    }
}

fn id(prefix: &'static str, number: u64) -> AnyId {
    AnyId { prefix, bytes: u128::from(number).to_be_bytes() }
}

fn standing(random: &mut Random) -> Arc<Standing> {
    let rules = all().get(random.below(all().len() as u64) as usize).expect("within").clone();
    let recipient = Recipient {
        connection: "con_1".into(),
        name: "Ledger".into(),
        former_names: Vec::new(),
        partner: None,
        class: random.pick(&RecipientClass::ALL),
        purpose: random.pick(Purpose::ALL),
    };
    Arc::new(Standing::new(rules, recipient))
}

fn statement(random: &mut Random, number: u64) -> Statement {
    let decided_at = random.moment();
    if random.chance(8) {
        return Statement::unreadable(id("cns", number), decided_at);
    }
    let data: CategorySet = (0..4).map(|_| random.pick(Category::ALL)).collect();
    Statement {
        id: id("cns", number),
        patient: random.chance(3).then(|| id("pat", random.below(3))),
        permits: random.chance(2),
        purposes: if random.chance(2) { PurposeSet::all() } else { [random.pick(Purpose::ALL)].into_iter().collect() },
        data: if random.chance(2) { CategorySet::ALL } else { data },
        recipients: if random.chance(2) { Vec::new() } else { vec![To::Class(random.pick(&RecipientClass::ALL))] },
        from: random.chance(3).then(|| random.moment()),
        until: random.chance(3).then(|| random.moment()),
        decided_at,
        withdrawn_at: random.chance(4).then(|| random.moment().max(decided_at)),
        method: random.pick(&Method::ALL),
        has_evidence: random.chance(2),
    }
}

fn consents(random: &mut Random) -> Arc<Consents> {
    let mut consents = Consents::default();
    for client in 0..3 {
        let said = (0..random.below(4)).map(|number| statement(random, number)).collect();
        consents.put(id("cli", client).bytes, Decisions::new(said));
    }
    for patient in 0..3 {
        let owners = (0..=random.below(2)).map(|_| id("cli", random.below(3)).bytes).collect();
        consents.put_owners(id("pat", patient).bytes, owners);
    }
    Arc::new(consents)
}

/// Clients and patients, those among them whom nobody knows.
fn subjects(random: &mut Random) -> Vec<AnyId> {
    (0..random.below(4)).map(|_| if random.chance(2) { id("cli", random.below(5)) } else { id("pat", random.below(5)) }).collect()
}

#[test]
fn what_is_explained_is_what_is_shown() {
    let mut random = Random(7);
    let (mut shown, mut hidden, mut said) = (0, 0, 0);
    for _ in 0..20_000 {
        let looking = Looking::of_any(&standing(&mut random), &consents(&mut random), random.moment());
        let subjects = subjects(&mut random);
        let consented = looking.consented(&subjects);
        for category in OF_CLIENTS.iter() {
            let (voice, verdict) = strictest(&looking, category, &subjects);
            assert_eq!(verdict.shown, consented.contains(category), "{category:?} {subjects:?} {verdict:?} {looking:?}");
            if let Because::Said(id, _) = &verdict.because {
                let decided = looking.decided(voice).expect("somebody who said something");
                assert!(decided.iter().any(|statement| statement.id == *id));
                said += 1;
            }
            if verdict.shown { shown += 1 } else { hidden += 1 }
        }
    }
    assert!(shown > 10_000 && hidden > 10_000 && said > 10_000, "{shown} {hidden} {said}");
}

/// Somebody whose word cannot be read, a record that names nobody, a moment that nobody foresaw: none of them lets
/// anything pass but what no client's word touches.
#[test]
fn l4_what_cannot_be_decided_is_a_no() {
    let mut random = Random(11);
    for _ in 0..5_000 {
        let standing = standing(&mut random);
        let now = random.pick(&[Timestamp::from_micros(i64::MIN), Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX)]);
        let mut unreadable = Consents::default();
        let client = id("cli", 1);
        unreadable.put(client.bytes, Decisions::new(vec![Statement::unreadable(id("cns", 1), Timestamp::from_micros(0))]));
        unreadable.put_owners(id("pat", 1).bytes, vec![client.bytes, id("cli", 2).bytes]);
        let looking = Looking::of_any(&standing, &Arc::new(unreadable), now);
        let patient = id("pat", 1);
        for subjects in [vec![client], vec![patient], vec![id("cli", 2), patient], vec![client, id("pat", 9)]] {
            assert_eq!(looking.consented(&subjects), standing.open(), "{subjects:?} {standing:?}");
        }
        let nobody = Looking::of_any(&standing, &Arc::default(), now);
        assert_eq!(nobody.consented(&[]), standing.open());
        // What is neither a client nor a patient speaks for nobody.
        assert_eq!(nobody.consented(&[id("inv", 1)]), standing.open());
        assert_eq!(nobody.consented(&[client]), standing.unsaid());
    }
}

/// A clinic that nobody knows has clients who said nothing, and not those of another one.
#[test]
fn l4_an_unknown_clinic_has_nobodys_permission() {
    let snapshot = Snapshot::default();
    let clinic = crate::ids::ClinicId::from_stored(&format!("cln_{}", clinicos_contract::id::text_of([9; 16])));
    assert!(clinic.is_some() && snapshot.consents(clinic).is_empty() && snapshot.consents(None).is_empty());
    let rules = clinicos_consent::rules_of("XX-NOWHERE");
    let mut random = Random(3);
    for _ in 0..200 {
        let class = random.pick(&RecipientClass::ALL);
        let recipient = Recipient { class, ..standing(&mut random).recipient().clone() };
        let known = Standing::new(clinicos_consent::rules_of(clinicos_consent::GENERIC), recipient.clone());
        let asked = Standing::new(rules.clone(), recipient);
        assert!(known.unsaid().covers(asked.unsaid()), "where no law is known nothing more passes than anywhere");
    }
}
