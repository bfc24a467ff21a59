//! Whoever sees what is shown learns nothing of what is hidden (abuse cases A4 and A6): two clinics that differ in
//! hidden values alone give the same answers to the same calls, headers and all.

use clinicos_testkit::apart::{clinic_with, targets};
use clinicos_testkit::{As, Call, World, on_both_engines};

/// The answers, and how many statements and rows each took to read.
async fn ask(world: &World, caller: &As, targets: &[String]) -> Vec<(String, u64)> {
    let mut answers = Vec::with_capacity(targets.len());
    for target in targets {
        world.clock.advance_s(60);
        let before = world.faults.steps();
        let reply = caller.send(Call::get(target.clone())).await;
        // Sealed anew each time; what is in it is as long, as the header tells.
        let cursor = reply.text("next_cursor").to_owned();
        let masked = if cursor.is_empty() { reply.masked() } else { reply.masked().replace(&cursor, "CURSOR") };
        answers.push((masked, world.faults.steps() - before));
    }
    answers
}

on_both_engines! {
    async fn a6_two_clinics_that_differ_in_hidden_values_answer_alike(world: World) {
        let other = world.beside().await;
        let (samples, caller, written) = clinic_with(&world, "Marguerite").await;
        let (_, other_caller, other_written) = clinic_with(&other, "Wilhelmine").await;
        assert_eq!(written, other_written);
        assert!(written > 50, "{written} hidden texts");
        let targets = targets(&world, &samples).await;
        assert!(targets.len() > 400, "{}", targets.len());
        let (answers, others) = (ask(&world, &caller, &targets).await, ask(&other, &other_caller, &targets).await);
        let mut told = Vec::new();
        for ((target, answer), other) in targets.iter().zip(&answers).zip(&others) {
            let leaks = answer != other || answer.0.contains("Marguerite") && !target.contains("Marguerite");
            told.extend(leaks.then(|| format!("{target}\n{answer:?}\n--\n{other:?}")));
        }
        let steps: u64 = answers.iter().map(|(_, steps)| *steps).sum();
        assert!(steps > targets.len() as u64, "{steps} steps for {} questions", targets.len());
        assert!(told.is_empty(), "{} of {} differ:\n{}", told.len(), targets.len(), told.join("\n====\n"));
        let shown = |answers: &[(String, u64)]| answers.iter().filter(|(answer, _)| answer.starts_with("200")).count();
        assert!(shown(&answers) > 200, "{}", shown(&answers));
        // That the words are there at all, and can be found, whoever may see them can tell.
        let known = ask(&world, &world.as_admin(), &targets).await;
        assert!(known.iter().filter(|(answer, _)| answer.contains("Marguerite")).count() > 30);
    }
}
