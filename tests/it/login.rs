//! The example that people copy gives the verdicts that it describes.

#[allow(dead_code, reason = "`main` prints the story")]
#[path = "../../examples/login.rs"]
mod example;

#[test]
fn the_login_example_tells_its_story() {
    let story = example::story().unwrap();
    let verdicts: Vec<_> = story
        .lines()
        .filter_map(|line| line.rsplit_once(":  ").map(|(_, verdict)| verdict.trim()))
        .map(|verdict| verdict.split(|c: char| !c.is_alphabetic()).next().unwrap())
        .collect();
    let expected = [
        "Accepted",
        "Replayed",
        "Accepted",
        "Accepted",
        "Conflict",
        "Rejected",
        "Rejected",
        "Rejected",
        "Rejected",
        "Rejected",
        "Locked",
        "Locked",
        "Accepted",
        "Rejected",
        "Resynchronised",
        "Accepted",
    ];
    assert_eq!(verdicts, expected, "{story}");
}
