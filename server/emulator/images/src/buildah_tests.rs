//! Builds with buildah, if it is installed.

use std::time::Duration;

use super::*;
use crate::builder::Builder;

/// Debian's busybox-static, so that the test needs no registry.
const BUSYBOX: &str = "/bin/busybox";

const DOCKERFILE: &str = "FROM scratch AS base\nCOPY busybox /bin/busybox\nWORKDIR /app\n\
    FROM base AS serve\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\nARG GREETING\n\
    RUN echo $GREETING > /app/greeting\nEXPOSE 5001\nCMD [\"/bin/sh\", \"-c\", \"cat /app/greeting; echo $FROM\"]\n";

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that was skipped must say so")]
async fn an_image_is_built_stored_and_run() {
    if !is_usable().await || !Path::new(BUSYBOX).exists() {
        eprintln!("skipped: buildah and busybox-static are not installed, or this is not root");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let context = folder.path().join("context");
    std::fs::create_dir(&context).unwrap();
    std::fs::copy(BUSYBOX, context.join("busybox")).unwrap();
    std::fs::write(context.join("Dockerfile"), DOCKERFILE).unwrap();
    let store = ImageStore::open(&folder.path().join("store")).unwrap();
    let request = |target: &str| BuildRequest {
        context: context.clone(),
        dockerfile: "Dockerfile".to_owned(),
        target: Some(target.to_owned()),
        arguments: vec![("GREETING".to_owned(), "hello".to_owned())],
        images: vec!["app:1".to_owned()],
        timeout: Duration::from_secs(120),
    };
    let (_sender, cancel) = tokio::sync::watch::channel(false);
    let log = parking_lot::Mutex::new(Vec::new());
    let sink = |bytes: &[u8]| log.lock().extend_from_slice(bytes);
    let missing = crate::build(&store, Builder::Buildah, request("none"), &sink, cancel.clone());
    let missing = missing.await.unwrap_err().to_string();
    assert_eq!(missing, "failed to reach build target none in Dockerfile");
    let built = crate::build(&store, Builder::Buildah, request("serve"), &sink, cancel.clone());
    let digest = built.await.unwrap();
    let again = crate::build(&store, Builder::Buildah, request("serve"), &sink, cancel);
    assert_eq!(again.await.unwrap(), digest, "the same files give the same digest");
    let log = String::from_utf8(log.into_inner()).unwrap();
    assert!(log.contains("STEP 2/6: RUN") && log.contains("Successfully tagged app:1"), "{log}");
    assert!(store.manifest("app", "1").unwrap().media_type.contains("oci"));

    let launch = store.launch(&digest).unwrap();
    assert_eq!(launch.port, Some(5001));
    let mut words = launch.command;
    let at = launch.flags_at.unwrap();
    words.splice(at..at, ["--env", "FROM=the deployment"].map(OsString::from));
    let said = child::ask(Command::new(&words[0]).args(&words[1..])).await.unwrap();
    assert!(said.starts_with("hello\nthe deployment"), "{said}");
}
