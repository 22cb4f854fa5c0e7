//! The sections of logs as each builder writes them.

use super::fold::SECTIONS_MAX;
use super::fold::{Section, SectionKind, Sections, TITLE_CHARS_MAX};
use super::line::Line;
use proptest::prelude::*;

fn fold(lines: &[&str]) -> Sections {
    let mut sections = Sections::default();
    for (number, line) in (1..).zip(lines) {
        sections.push(number, &Line::parse(line));
    }
    sections
}

/// The sections in words: `1-3 title`, with `!` for an error and `+` for a continued one.
fn words(sections: &Sections) -> Vec<String> {
    let word = |one: &Section| {
        let (error, more) =
            (if one.has_error { "!" } else { "" }, if one.continued { "+" } else { "" });
        format!("{}-{}{error}{more} {}", one.first, one.last, one.title)
    };
    sections.list().iter().map(word).collect()
}

#[test]
fn a_group_of_github_ends_with_its_marker_or_with_the_next_group() {
    let sections = fold(&[
        "2021-07-13T05:39:20.5539006Z Current runner version: '2.278.0'",
        "2021-07-13T05:39:20.5563403Z ##[group]Operating System",
        "2021-07-13T05:39:20.5564320Z Ubuntu",
        "2021-07-13T05:39:20.5565767Z ##[endgroup]",
        "between",
        "##[group]Run docker build",
        "Step 1/2 : not a step inside of a group",
        "##[group]Run make",
        "##[error]no",
    ]);
    assert_eq!(words(&sections), ["2-4 Operating System", "6-7 Run docker build", "8-9! Run make"]);
    assert_eq!(sections.at(3).map(|one| one.title.as_str()), Some("Operating System"));
    for outside in [0, 1, 5, 10] {
        assert_eq!(sections.at(outside), None, "{outside}");
    }
}

#[test]
fn steps_of_docker_and_of_registry_tasks_follow_each_other() {
    let sections = fold(&[
        "2022/10/05 21:06:41 Downloading source code...",
        "2022/10/05 21:06:51 Executing step ID: build. Timeout(sec): 28800, Working directory: ''",
        "2022/10/05 21:06:51 Launching container with name: build",
        "Sending build context to Docker daemon  2.56kB",
        "Step 1/2 : FROM alpine AS programs",
        " ---> 3fd9065eaf02",
        "Step 2/2 : RUN apk add less",
        " ---> Running in 02c6480fb552",
        "Successfully built f885b310565a",
        "Successfully tagged anet.azurecr.io/nbq:1",
        "2022/10/05 21:07:51 Successfully executed container: build",
        "2022/10/05 21:07:51 Executing step ID: push. Timeout(sec): 3600",
        "2022/10/05 21:07:52 Pushing image: anet.azurecr.io/nbq:1, attempt 1",
        "2022/10/05 21:08:01 Step ID: push marked as successful (elapsed time in seconds: 9.9)",
        "2022/10/05 21:08:02 Populating digests for step ID: build...",
    ]);
    assert_eq!(
        words(&sections),
        [
            "2-4 Executing step ID: build",
            "5-6 Step 1/2 : FROM alpine AS programs",
            "7-8 Step 2/2 : RUN apk add less",
            "12-14 Executing step ID: push",
        ]
    );
}

#[test]
fn alternating_steps_of_buildkit_are_continued_with_their_title() {
    let sections = fold(&[
        "#1 [internal] load build definition from Dockerfile",
        "#1 transferring dockerfile: 389B 0.0s done",
        "#1 DONE 0.1s",
        "",
        "#9 [litserve 2/5] RUN pip install",
        "#9 0.5 Collecting torch",
        "",
        "#10 [training 1/2] RUN apt-get update",
        "#10 0.1 Get:1",
        "",
        "#9 ...",
        "#9 2.5 ERROR: No matching distribution found for torch==99",
        "#9 ERROR: process \"/bin/sh -c pip install\" did not complete successfully: exit code: 1",
        "",
        "#10 [training 1/2] RUN apt-get update",
        "#10 CANCELED",
        "------",
        " > [litserve 2/5] RUN pip install:",
    ]);
    assert_eq!(
        words(&sections),
        [
            "1-3 [internal] load build definition from Dockerfile",
            "5-6 [litserve 2/5] RUN pip install",
            "8-9 [training 1/2] RUN apt-get update",
            "11-13!+ [litserve 2/5] RUN pip install",
            "15-16+ [training 1/2] RUN apt-get update",
        ]
    );
}

#[test]
fn steps_of_buildah_name_their_stage() {
    let sections = fold(&[
        "[1/2] STEP 1/2: FROM debian AS packager",
        "[1/2] STEP 2/2: RUN make",
        "[2/2] STEP 1/2: FROM scratch",
        "[2/2] STEP 2/2: COPY --from=packager /output/buildinfo /output/buildinfo",
        "Error: building at STEP \"COPY --from=packager /output/buildinfo /output/buildinfo\": checking on sources",
    ]);
    assert_eq!(
        words(&sections),
        [
            "1-1 [1/2] STEP 1/2: FROM debian AS packager",
            "2-2 [1/2] STEP 2/2: RUN make",
            "3-3 [2/2] STEP 1/2: FROM scratch",
            "4-5! [2/2] STEP 2/2: COPY --from=packager /output/buildinfo /output/buildinfo",
        ]
    );
    assert_eq!(
        words(&fold(&["STEP 1/1: FROM scratch", "COMMIT nbq:1", "--> 1"])),
        ["1-1 STEP 1/1: FROM scratch"]
    );
}

#[test]
fn sections_beyond_the_limit_become_one_that_counts_them() {
    let mut sections = Sections::default();
    let count = 3 * SECTIONS_MAX;
    for number in 0..count as u64 {
        sections.push(2 * number + 1, &Line::parse(&format!("#{number} [stage {number}/9] RUN x")));
        sections.push(2 * number + 2, &Line::parse(&format!("#{number} ERROR: no")));
    }
    assert_eq!(sections.list().len(), SECTIONS_MAX);
    let rest = sections.list().last().expect("the rest");
    let expected = (count - SECTIONS_MAX + 1) as u64;
    assert!(
        matches!(rest.kind, SectionKind::Rest { sections, .. } if sections == expected),
        "{rest:?}"
    );
    assert_eq!((rest.first, rest.last), (2 * (SECTIONS_MAX as u64 - 1) + 1, 2 * count as u64));
    assert!(rest.has_error);
}

#[test]
fn a_title_is_cut() {
    let sections = fold(&[&format!("##[group]{}", "x".repeat(100_000))]);
    assert_eq!(sections.list()[0].title.chars().count(), TITLE_CHARS_MAX);
}

proptest! {
    #[test]
    fn folding_can_stop_and_resume_at_any_line(
        lines in prop::collection::vec(
            prop_oneof![
                "#[1-3] (\\[a 1/2\\] RUN x|DONE 1s|\\.\\.\\.|ERROR: x|text)",
                "(\\[1/2\\] )?STEP [1-9]/9: RUN x",
                "Step [1-9]/9 : RUN x",
                "(##\\[(group|endgroup|error)\\]|Executing step ID: |Step ID: a marked as |COMMIT )[a-z]{0,3}",
                ".{0,20}",
            ],
            0..60,
        ),
        stop in 0_usize..60,
    ) {
        let all: Vec<_> = lines.iter().map(String::as_str).collect();
        let once = fold(&all);
        let (before, after) = all.split_at(stop.min(all.len()));
        let stored = serde_json::to_string(&fold(before)).expect("JSON");
        let mut resumed: Sections = serde_json::from_str(&stored).expect("sections");
        for (number, line) in (before.len() as u64 + 1..).zip(after) {
            resumed.push(number, &Line::parse(line));
        }
        prop_assert_eq!(&resumed, &once);
        prop_assert!(once.list().iter().all(|one| one.first <= one.last));
        prop_assert!(once.list().windows(2).all(|two| two[0].last < two[1].first));
    }
}
