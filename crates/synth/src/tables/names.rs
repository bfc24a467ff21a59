//! Names of people, animals and streets. Nobody is meant.

/// Given names of people.
pub const GIVEN: &[&str] = &[
    "Aaliyah", "Adam", "Aiko", "Alice", "Amara", "Andre", "Anita", "Beatriz", "Ben", "Bianca", "Caleb", "Carmen", "Chen",
    "Chloe", "Clara", "Dana", "Daniel", "Deepa", "Diego", "Elena", "Eli", "Emma", "Ethan", "Farah", "Felix", "Gabriel", "Grace",
    "Hana", "Hannah", "Hugo", "Imani", "Isaac", "Ivy", "Jamal", "Jane", "Joao", "Jonas", "Julia", "Kai", "Karen", "Keisha",
    "Kofi", "Lena", "Leo", "Liam", "Lucia", "Malik", "Maria", "Marcus", "Mei", "Miles", "Nadia", "Noah", "Nora", "Olga", "Omar",
    "Owen", "Paul", "Priya", "Quinn", "Rafael", "Rosa", "Ruth", "Sam", "Sara", "Sofia", "Tariq", "Tess", "Tomás", "Uma",
    "Victor", "Wei", "Wren", "Yara", "Yusuf", "Zoe", "Zoë",
];

/// Family names.
pub const FAMILY: &[&str] = &[
    "Abbott", "Adeyemi", "Alvarez", "Anders", "Baker", "Banerjee", "Bauer", "Bishop", "Brooks", "Carter", "Castillo", "Chan",
    "Clark", "Cohen", "Cruz", "Dalton", "Diaz", "Dubois", "Ellis", "Evans", "Farrell", "Fischer", "Flores", "Foster", "Garcia",
    "Gray", "Green", "Gupta", "Hall", "Hansen", "Hayes", "Hughes", "Ito", "Jackson", "Jensen", "Kaur", "Keller", "Kim",
    "Kowalski", "Larsen", "Lee", "Lopez", "Martin", "Mendoza", "Mitchell", "Moreau", "Murphy", "Nakamura", "Nguyen", "O'Brien",
    "Okafor", "Olsen", "Park", "Patel", "Perez", "Price", "Quinn", "Reyes", "Rossi", "Santos", "Schmidt", "Shah", "Silva",
    "Singh", "Suzuki", "Taylor", "Tran", "Vargas", "Wagner", "Walker", "Weber", "Wright", "Young", "Zhang",
];

/// Names of animals.
pub const PETS: &[&str] = &[
    "Archie", "Bagheera", "Bailey", "Bandit", "Bear", "Bella", "Biscuit", "Blue", "Bruno", "Buddy", "Callie", "Charlie", "Chico",
    "Cleo", "Coco", "Cookie", "Cooper", "Daisy", "Dexter", "Duke", "Ella", "Felix", "Finn", "George", "Ginger", "Gizmo",
    "Gracie", "Gus", "Hank", "Harley", "Hazel", "Honey", "Jack", "Jasper", "Juno", "Kiki", "Kira", "Lady", "Leo", "Lily", "Lola",
    "Loki", "Louie", "Lucy", "Luna", "Maggie", "Max", "Mia", "Milo", "Minou", "Misty", "Mochi", "Molly", "Moose", "Murphy",
    "Nala", "Nugget", "Olive", "Oliver", "Oreo", "Oscar", "Otis", "Peanut", "Penny", "Pepper", "Pickles", "Poppy", "Rex",
    "Riley", "Rocky", "Roxy", "Rosie", "Ruby", "Sadie", "Salem", "Sasha", "Scout", "Shadow", "Simba", "Sophie", "Stella",
    "Sunny", "Teddy", "Tigger", "Toby", "Tofu", "Tucker", "Waffles", "Willow", "Winnie", "Zeus", "Ziggy", "Zoey",
];

/// Streets.
pub const STREETS: &[&str] = &[
    "Ash", "Birch", "Cedar", "Chestnut", "Dogwood", "Elm", "Hawthorn", "Hickory", "Juniper", "Linden", "Magnolia", "Maple",
    "Mill", "Oak", "Orchard", "Park", "Pine", "Poplar", "River", "School", "Spruce", "Sycamore", "Walnut", "Willow",
];

/// What streets end in.
pub const SUFFIXES: &[&str] = &["Street", "Avenue", "Lane", "Court", "Drive", "Road"];

/// Labels of clients.
pub const TAGS: &[&str] = &["multi-pet", "senior discount", "payment plan", "nervous patient", "text first", "rescue partner"];

/// A name as a mailbox has it: small letters alone.
pub fn mailbox(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}
