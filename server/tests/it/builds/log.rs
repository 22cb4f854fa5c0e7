//! A job's log: streamed with a place to continue from, downloaded, read by windows, and searched.

use super::{
    begun, ended, id_of, lines, press, registry_log, runs, until, view, window, with_dana,
    with_image,
};
use crate::support::Browser;
use domain::job::{Ending, JobId};
use serde_json::{Value, json};

/// Reads events until the log has ended; returns the lines from line `first` on.
async fn streamed(who: &Browser, id: &JobId, after: Option<u64>) -> Vec<String> {
    let path = format!("/events/jobs/{id}/log");
    let mut events = match after {
        Some(after) => who.events_after(&path, &after.to_string()).await,
        None => who.events(&path).await,
    };
    let mut all = Vec::new();
    let mut next = after.unwrap_or(0) + 1;
    loop {
        let (name, data) = events.next().await.expect("the stream goes on");
        if name != "lines" {
            continue;
        }
        let page: Value = serde_json::from_str(&data).expect("JSON");
        assert_eq!(page["first"], next, "no line is lost or sent twice");
        let lines = page["lines"].as_array().expect("lines");
        if lines.is_empty() {
            assert_eq!(page["ended"], true);
            return all;
        }
        next += u64::try_from(lines.len()).expect("a number");
        all.extend(lines.iter().map(|line| line.as_str().expect("text").to_owned()));
    }
}

#[tokio::test]
async fn a_log_is_streamed_while_it_is_written_and_continues_after_the_last_event() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "stuck-log-app").await;
    let id = begun(&mut dana, &page).await;
    until(&console, "a log begins", async || (lines(&console, &id).await.len() > 3).then_some(()))
        .await;
    let viewer = dana.clone();
    let whole = streamed(&viewer, &id, None);
    let rest = streamed(&viewer, &id, Some(2));
    let cancelled = async {
        dana.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(303);
        ended(&console, &id).await
    };
    let (whole, rest, ending) = tokio::join!(whole, rest, cancelled);
    assert!(matches!(ending, Ending::Cancelled { .. }));
    let stored = lines(&console, &id).await;
    assert_eq!(whole, stored);
    assert_eq!(rest, stored[2..]);
    assert_eq!(streamed(&viewer, &id, Some(4)).await, stored[4..]);
    assert_eq!(streamed(&viewer, &id, Some(1_000_000)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_log_is_downloaded_read_by_windows_and_searched_as_it_is_stored() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    let id = id_of(&press(&mut dana, &page).await);
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    let stored = lines(&console, &id).await;
    let run = runs(&console).await[0]["name"].as_str().expect("an id").to_owned();
    assert_eq!(stored, registry_log(&console, &run).await);

    let file = dana.get(&format!("/jobs/{id}/log")).await.expect(200);
    assert_eq!(file.text, stored.iter().map(|line| format!("{line}\n")).collect::<String>());
    assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
    let disposition = format!("attachment; filename=\"build-{id}.log\"");
    assert_eq!(file.header("content-disposition"), Some(disposition.as_str()));

    let count = stored.len();
    for (first, asked, from, to) in
        [(1, 3, 0, 3), (4, 2, 3, 5), (0, 1, 0, 1), (u64::MAX, 5, 0, 0), (2, 1_000_000, 1, count)]
    {
        let window = window(&mut dana, &id, first, asked).await;
        assert_eq!(window["lines"], json!(stored[from..to]), "{first} {asked}");
        assert_eq!((&window["size"]["lines"], &window["ended"]), (&json!(count), &json!(true)));
    }
    let number = stored.iter().position(|line| line.contains("CMD")).expect("a line") + 1;
    let asked = json!({ "id": id, "text": "cmd [\"PYTHON\", \"server.py\"]" }).to_string();
    let found = dana.ask("/api/search-job-log", &asked).await.expect(200);
    let found: Value = serde_json::from_str(&found.text).expect("JSON");
    let last = stored.iter().rposition(|line| line.contains("CMD [\"python\", \"server.py\"]"));
    let last = last.expect("a line") + 1;
    assert!(found["lines"].as_array().expect("a list").contains(&json!(last)), "{found} {number}");
    assert_eq!(found["more"], false);

    let sections = view(&mut dana, &id).await["sections"].clone();
    let sections = sections.as_array().expect("a list");
    assert!(!sections.is_empty(), "{stored:#?}");
    assert!(sections.iter().all(|section| section["last"].is_u64()), "{sections:#?}");
    let shown = dana.get(&format!("/jobs/{id}?from={number}")).await.expect(200);
    assert!(shown.text_of(&format!("#L{number}")).is_some(), "{}", shown.words());
    for path in ["/jobs/x/log", "/jobs/00000000-0000-4000-8000-000000000000/log"] {
        dana.get(path).await.expect(404);
    }
}
