//! A table of files that GitHub refuses, each with the place and the words.

use spec::yaml::{self, Limits};

fn told(text: &str) -> Vec<String> {
    let root = yaml::parse("w.yml", text.as_bytes(), Limits::default()).expect(text);
    super::all(&root)
        .into_iter()
        .map(|problem| format!("{} {}", problem.place(), problem.message))
        .collect()
}

const CALL: &str = "on: push\njobs:\n  d:\n    uses: ./.github/workflows/build.yml\n";

#[test]
fn what_github_takes_is_not_refused() {
    for text in [
        CALL.to_owned(),
        format!("{CALL}    with: &w {{a: 1, b: '${{{{ inputs.b }}}}'}}\n  e:\n    uses: x\n    with: *w\n"),
        format!("{CALL}    needs: [e]\n    if: always() && github.ref == 'x'\n  e: {{runs-on: x, steps: []}}\n"),
        format!("{CALL}    strategy: {{matrix: {{env: [a, b]}}}}\n    secrets: inherit\n"),
        "on: [push]\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{ env.A }} '}}'\n".to_owned(),
    ] {
        assert_eq!(told(&text), [""; 0], "{text}");
    }
}

#[test]
fn what_github_refuses_is_told_at_its_line_and_column() {
    let call = |more: &str| format!("{CALL}{more}");
    for (text, place, part) in [
        ("jobs: {}\n".to_owned(), "w.yml:1:1", "on: is missing"),
        (format!("x-common: &c {{a: 1}}\n{CALL}"), "w.yml:1:1", "no key x-common at its root"),
        (format!("Name: x\n{CALL}"), "w.yml:1:1", "Write name"),
        (call("  2nd:\n    uses: x\n"), "w.yml:5:3", "the job's name 2nd is refused"),
        (call("  a b:\n    uses: x\n"), "w.yml:5:3", "begins with a letter or _"),
        (call("  __a:\n    uses: x\n"), "w.yml:5:3", "GitHub's own"),
        (call("  D:\n    uses: x\n"), "w.yml:5:3", "is the job d of line 3"),
        (call("    steps: []\n"), "w.yml:5:5", "calls a workflow (uses) and so cannot have steps"),
        (call("    environment: prod\n"), "w.yml:5:5", "cannot have environment"),
        (call("    With: {}\n"), "w.yml:5:5", "a job has no key With"),
        (call("    needs: [e]\n"), "w.yml:5:13", "waits for e, and there is no such job"),
        (call("    needs: e\n"), "w.yml:5:12", "waits for e"),
        (call("  e: {steps: []}\n"), "w.yml:5:3", "neither runs-on nor uses"),
        (call("    with:\n      a: ${{ env.A }}\n"), "w.yml:6:10", "there is no env"),
        (call("    with:\n      a: ${{ secrets.A }}\n"), "w.yml:6:10", "there is no secrets"),
        (call("    with:\n      a: [1]\n"), "w.yml:6:10", "takes a single value"),
        (call("    with:\n      a: x-${{ vars.A\n"), "w.yml:6:10", "not closed with }}"),
        (call("    name: ${{ }}\n"), "w.yml:5:11", "stands nothing"),
        (call("    if: secrets.A != ''\n"), "w.yml:5:9", "there is no secrets"),
        (
            "on: push\njobs:\n  d:\n    uses: ${{ vars.A }}\n".to_owned(),
            "w.yml:4:11",
            "cannot be an expression",
        ),
        (
            call("    with: &w {a: 1}\n  e:\n    uses: x\n    with:\n      <<: *w\n      b: 2\n"),
            "w.yml:9:7",
            "GitHub knows no merge keys (<<): it would not bring a in here",
        ),
    ] {
        let all = told(&text);
        let found =
            all.iter().any(|one| one.starts_with(&format!("{place} ")) && one.contains(part));
        assert!(found, "{place} {part}: {all:#?}");
        assert!(all.iter().all(|one| one.contains("refuses the file as it is")), "{all:#?}");
    }
}

#[test]
fn no_list_of_reasons_is_cut_silently() {
    let mut text = CALL.to_owned();
    for number in 0..60 {
        text.push_str(&format!("    x{number}: 1\n"));
    }
    let all = told(&text);
    assert_eq!(all.len(), 50);
    assert!(all[49].ends_with("10 more reasons are left out here."), "{}", all[49]);
}
