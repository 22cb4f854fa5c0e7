//! Valid and invalid webhooks in the configuration.

use crate::config::File;
use crate::config::check;
use crate::config::tests::GOOD;

const SLACK: &str =
    "notifications:\n  - { name: team, kind: slack, url_file: /run/secrets/slack }\n";

fn read(more: &str) -> anyhow::Result<File> {
    let file: File = serde_yaml::from_str(&format!("{GOOD}{more}"))?;
    check(&file)?;
    Ok(file)
}

#[track_caller]
fn refused(more: &str, part: &str) {
    let error = read(more).expect_err("refused");
    assert!(format!("{error:#}").contains(part), "{error:#}");
}

#[test]
fn webhooks_are_read() {
    let file = read(
        "notifications:\n\
         \x20 - { name: team, kind: slack, url_file: /a, allow_private: true }\n\
         \x20 - { name: leads, kind: teams, url_env: A, events: [waiting, reminder], stages: [anet-prod] }\n\
         \x20 - { name: duty, kind: plain, url_file: /a, secret_env: B, events: [escalation] }\n\
         reminder_hours: 4\n\
         escalation: { after_hours: 24, to: duty }\n\
         ledger: { checkpoint_webhook: { url_file: /a, every_minutes: 30 } }\n",
    );
    let file = file.expect("it is good");
    assert_eq!(file.notifications.len(), 3);
    let private: Vec<_> = file.notifications.iter().map(|one| one.allow_private).collect();
    assert_eq!(private, [true, false, false]);
    assert_eq!(file.notifications[1].events.len(), 2);
    read("").expect("it is good without any");
}

#[test]
fn invalid_webhooks_are_rejected_with_the_reason() {
    let one = |fields: &str| format!("notifications:\n  - {{ {fields} }}\n");
    for (fields, part) in [
        ("name: a, kind: slack", "notifications: a: the URL is missing"),
        ("name: a, kind: slack, url: 'https://x'", "unknown field `url`"),
        ("name: a, kind: irc, url_file: /a", "unknown variant `irc`"),
        ("name: a, kind: slack, url_file: /a, url_env: B", "url_file and url_env are both set"),
        ("name: a, kind: plain, url_file: /a", "plain messages are signed"),
        ("name: a, kind: slack, url_file: /a, secret_file: /b", "plain messages are signed"),
        ("name: 'a b', kind: slack, url_file: /a", "“a b” is not a valid name"),
        ("name: a, kind: slack, url_file: /a, events: [born]", "unknown variant `born`"),
        ("name: a, kind: slack, url_file: /a, stages: [anet-x]", "there is no stage anet-x"),
        ("name: a, kind: slack, url_file: /a, events: [escalation]", "receives escalations only"),
    ] {
        refused(&one(fields), part);
    }
    refused(
        &format!("{SLACK}  - {{ name: team, kind: teams, url_file: /a }}\n"),
        "the name team is used twice",
    );
    refused("reminder_hours: 4\n", "no webhook receives reminders");
    for (more, part) in [
        ("reminder_hours: 0", "reminder_hours: must be between 1 and"),
        ("escalation: { after_hours: 3, to: boss }", "there is no webhook boss"),
        ("reminder_hours: 3\nescalation: { after_hours: 3, to: team }", "more than reminder_hours"),
        ("ledger: { checkpoint_webhook: {} }", "checkpoint_webhook: the URL is missing"),
        (
            "ledger: { checkpoint_webhook: { url_env: A, every_minutes: 0 } }",
            "every_minutes: 0 is not",
        ),
    ] {
        refused(&format!("{SLACK}{more}\n"), part);
    }
}

#[test]
fn secrets_are_read_from_their_files_and_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let good = write("url", "https://hooks.example/T0/very-secret\n");
    let plain = write("plain", "http://hooks.example/very-secret");
    let key = write("key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let setup = |url: &str, key: &str| {
        let fields = format!("name: a, kind: plain, url_file: {url}, secret_file: {key}");
        let file = read(&format!("notifications:\n  - {{ {fields} }}\n")).expect("it is good");
        file.webhooks().setup()
    };
    let read = setup(&good, &key).expect("secrets");
    assert_eq!(read.targets[0].address.host(), "hooks.example");
    let told = format!("{read:?} {:?}", read.facts());
    assert!(!told.contains("very-secret") && !told.contains("MfKQ"), "{told}");
    for (url, key, part) in [
        (&plain, &key, "notifications: a: url: the URL is not https"),
        (&good, &plain, "notifications: a: secret: the secret must be “whsec_”"),
        (&"/nowhere".to_owned(), &key, "notifications: a: url_file: /nowhere cannot be read"),
    ] {
        let error = format!("{:#}", setup(url, key).expect_err(part));
        assert!(error.contains(part) && !error.contains("very-secret"), "{error}");
    }
}
