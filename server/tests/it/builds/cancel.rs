//! Cancelling a build.

use super::{begun, ended, job, runs, until, versions, view, with_dana, with_image};
use domain::job::{Ending, StepKind};

#[tokio::test]
async fn a_cancelled_build_stops_in_the_registry_and_registers_nothing() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "stuck-log-app").await;
    let id = begun(&mut dana, &page).await;
    until(&console, "the registry builds", async || {
        let running = runs(&console).await;
        let builds = job(&console, &id)
            .await
            .state
            .steps
            .iter()
            .any(|step| step.kind == StepKind::Build && step.note.is_some());
        (builds && running.first()?["properties"]["status"] == "Running").then_some(())
    })
    .await;
    let path = format!("/jobs/{id}/cancel");
    dana.post(&path, &[]).await.expect(303);
    // Twice is harmless.
    dana.post(&path, &[]).await.expect(303);
    let ending = ended(&console, &id).await;
    assert_eq!(ending, Ending::Cancelled { by: "Dana Scott".to_owned() });
    let all = runs(&console).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["properties"]["status"], "Canceled");
    assert!(versions(&console, "stuck-log-app").await.is_empty());
    let log = super::lines(&console, &id).await.join("\n");
    assert!(log.contains("was canceled after"), "{log}");
    let page = dana.get(&format!("/jobs/{id}")).await.expect(200);
    page.says("Dana Scott cancelled it.");
    dana.post(&path, &[]).await.expect(409).says("The job has ended");
    assert!(view(&mut dana, &id).await["cause"].is_null(), "a cancellation is not a failure");
}

#[tokio::test]
async fn a_queued_build_can_be_cancelled_and_the_image_is_free_again() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "stuck-queue-app").await;
    let id = begun(&mut dana, &page).await;
    until(&console, "the build is queued", async || {
        (runs(&console).await.len() == 1).then_some(())
    })
    .await;
    dana.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(303);
    assert!(matches!(ended(&console, &id).await, Ending::Cancelled { .. }));
    assert_eq!(runs(&console).await[0]["properties"]["status"], "Canceled");
    let next = begun(&mut dana, &page).await;
    assert_ne!(next, id);
}
