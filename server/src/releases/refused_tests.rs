//! A table of files that GitHub rejects, with the place and a part of each message.

use spec::yaml::{self, Limits};

fn reasons(text: &str) -> Vec<String> {
    let root = yaml::parse("w.yml", text.as_bytes(), Limits::default()).expect(text);
    super::all(&root)
        .into_iter()
        .map(|problem| format!("{} {}", problem.place(), problem.message))
        .collect()
}

const CALL: &str = "on: push\njobs:\n  d:\n    uses: ./.github/workflows/build.yml\n";

#[test]
fn files_that_github_accepts_have_no_reasons() {
    for text in [
        CALL.to_owned(),
        format!("{CALL}    with: &w {{a: 1, b: '${{{{ inputs.b }}}}'}}\n  e:\n    uses: x\n    with: *w\n"),
        format!("{CALL}    needs: [e]\n    if: always() && github.ref == 'x'\n  e: {{runs-on: x, steps: []}}\n"),
        format!("{CALL}    strategy: {{matrix: {{env: [a, b]}}}}\n    secrets: inherit\n"),
        "on: [push]\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{ env.A }} '}}'\n".to_owned(),
    ] {
        assert_eq!(reasons(&text), [""; 0], "{text}");
    }
}

#[test]
fn each_reason_has_its_line_and_column() {
    let call = |more: &str| format!("{CALL}{more}");
    for (text, place, part) in [
        ("jobs: {}\n".to_owned(), "w.yml:1:1", "on: is missing"),
        (
            format!("x-common: &c {{a: 1}}\n{CALL}"),
            "w.yml:1:1",
            "x-common is not a key of a workflow's root",
        ),
        (format!("Name: x\n{CALL}"), "w.yml:1:1", "Write name"),
        (call("  2nd:\n    uses: x\n"), "w.yml:5:3", "the job's name 2nd is invalid"),
        (call("  a b:\n    uses: x\n"), "w.yml:5:3", "begins with a letter or _"),
        (call("  __a:\n    uses: x\n"), "w.yml:5:3", "GitHub reserves names"),
        (call("  D:\n    uses: x\n"), "w.yml:5:3", "the same name as the job d in line 3"),
        (call("    steps: []\n"), "w.yml:5:5", "calls a workflow (uses), so it cannot have steps"),
        (call("    environment: prod\n"), "w.yml:5:5", "cannot have environment"),
        (call("    With: {}\n"), "w.yml:5:5", "With is not a key of a job"),
        (call("    needs: [e]\n"), "w.yml:5:13", "needs e, but there is no such job"),
        (call("    needs: e\n"), "w.yml:5:12", "needs e,"),
        (call("  e: {steps: []}\n"), "w.yml:5:3", "neither runs-on nor uses"),
        (call("    with:\n      a: ${{ env.A }}\n"), "w.yml:6:10", "env is not available"),
        (call("    with:\n      a: ${{ secrets.A }}\n"), "w.yml:6:10", "secrets is not available"),
        (call("    with:\n      a: [1]\n"), "w.yml:6:10", "must be a single value"),
        (call("    with:\n      a: x-${{ vars.A\n"), "w.yml:6:10", "not closed with }}"),
        (call("    name: ${{ }}\n"), "w.yml:5:11", "there is nothing between"),
        (call("    if: secrets.A != ''\n"), "w.yml:5:9", "secrets is not available"),
        (
            "on: push\njobs:\n  d:\n    uses: ${{ vars.A }}\n".to_owned(),
            "w.yml:4:11",
            "cannot be an expression",
        ),
        (
            call("    with: &w {a: 1}\n  e:\n    uses: x\n    with:\n      <<: *w\n      b: 2\n"),
            "w.yml:9:7",
            "GitHub does not support merge keys (<<): it would not merge a here",
        ),
    ] {
        let all = reasons(&text);
        let found =
            all.iter().any(|one| one.starts_with(&format!("{place} ")) && one.contains(part));
        assert!(found, "{place} {part}: {all:#?}");
        assert!(all.iter().all(|one| one.contains("rejects the file as it is")), "{all:#?}");
    }
}

#[test]
fn a_list_of_reasons_that_is_cut_says_so() {
    let mut text = CALL.to_owned();
    for number in 0..60 {
        text.push_str(&format!("    x{number}: 1\n"));
    }
    let all = reasons(&text);
    assert_eq!(all.len(), 50);
    assert!(all[49].ends_with("10 more reasons are not shown."), "{}", all[49]);
}
