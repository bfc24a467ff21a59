use clinicos_testkit::{Samples, World, on_both_engines};

on_both_engines! {
    async fn samples(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        println!("{samples:?}");
    }
}
