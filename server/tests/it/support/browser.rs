//! A minimal browser: cookies, redirects, `Origin` and `Sec-Fetch-Site`, forms, events.

use super::PATIENCE;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeMap;
use url::Url;

const REDIRECTS_MAX: usize = 10;

/// A browser with its own cookies. Like a real browser, it keeps them by host, for all ports.
#[derive(Clone)]
pub struct Browser {
    http: reqwest::Client,
    base: Url,
    pub cookies: BTreeMap<String, String>,
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub url: Url,
    pub text: String,
}

impl Page {
    /// The target of its redirect.
    pub fn location(&self) -> Option<Url> {
        self.header("location").and_then(|to| self.url.join(to).ok())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The first element's text, with white space collapsed.
    pub fn text_of(&self, selector: &str) -> Option<String> {
        let html = Html::parse_document(&self.text);
        html.select(&parsed(selector)).next().map(words)
    }

    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.text);
        let found = html.select(&parsed(selector)).next();
        found.and_then(|element| element.attr(name)).map(str::to_owned)
    }

    /// All text of the page.
    pub fn words(&self) -> String {
        self.text_of("main").unwrap_or_default()
    }

    pub fn title(&self) -> String {
        self.text_of("title").unwrap_or_default()
    }

    /// Checks the status, or fails with a readable message.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let words = self.words();
        let shown = if words.is_empty() { &self.text } else { &words };
        assert_eq!(self.status.as_u16(), status, "{}: {shown}", self.url);
        self
    }

    /// Checks that the page has this sentence, or fails with the page's text.
    #[track_caller]
    pub fn says(&self, sentence: &str) {
        let words = self.words();
        assert!(words.contains(sentence), "“{sentence}” is not in: {words}");
    }
}

fn parsed(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Browser {
    pub fn new(http: reqwest::Client, base: Url) -> Self {
        Self { http, base, cookies: BTreeMap::new() }
    }

    /// A request to a path (or URL) with this browser's cookies, without the headers of a form.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.base.join(path).expect("a URL");
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, id)| format!("{name}={id}")).collect();
        let request = self.http.request(method, url).header("accept", "text/html,*/*;q=0.8");
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    /// Sends the request, and applies the answer's cookies.
    pub async fn send(&mut self, request: RequestBuilder) -> Page {
        let answer = request.send().await.expect("the console answers");
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie in ASCII");
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a name");
            if value.is_empty() || rest.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let url = answer.url().clone();
        let bytes = answer.bytes().await.expect("a whole body");
        Page { status, headers, url, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Gets a page without following redirects.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(self.request(Method::GET, path).header("sec-fetch-site", "none")).await
    }

    /// Gets a page and follows redirects.
    pub async fn open(&mut self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    pub async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..REDIRECTS_MAX {
            let Some(to) = page.location().filter(|_| page.status.is_redirection()) else {
                return page;
            };
            page = self.get(to.as_str()).await;
        }
        panic!("too many redirects, the last to {}", page.url);
    }

    /// A POST like one from the page's own forms.
    pub fn own(&self, path: &str) -> RequestBuilder {
        let url = self.base.join(path).expect("a URL");
        self.request(Method::POST, path)
            .header("origin", url.origin().ascii_serialization())
            .header("sec-fetch-site", "same-origin")
    }

    /// Calls a server function like an island.
    pub async fn ask(&mut self, path: &str, json: &str) -> Page {
        let kind = HeaderValue::from_static("application/json");
        // Replaces the `Accept` header of a page.
        let headers = [(ACCEPT, kind.clone()), (CONTENT_TYPE, kind)].into_iter().collect();
        self.send(self.own(path).headers(headers).body(json.to_owned())).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.own(path).form(fields)).await
    }

    /// Opens the page that deletes a deployment, and sends its form with further fields.
    pub async fn delete(&mut self, path: &str, more: &[(&str, &str)]) -> Page {
        let page = self.get(path).await.expect(200);
        let saw = page.attribute("input[name=made_of]", "value").expect("a mark");
        self.post(path, &[&[("made_of", saw.as_str())], more].concat()).await
    }

    /// Sends a multipart form; parts with a name are files.
    pub async fn upload(&mut self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Page {
        self.send(self.parts(path, parts)).await
    }

    /// The request of a multipart form.
    pub fn parts(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> RequestBuilder {
        const EDGE: &str = "----the-edge-of-a-part";
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            let head = format!(
                "--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={EDGE}");
        self.own(path).header("content-type", kind).body(body)
    }

    /// The same person's browser at another address of the same console.
    pub fn at(&self, base: Url) -> Self {
        Self { base, ..self.clone() }
    }

    /// Opens a page, signs in, and ends on the page that the person wanted.
    pub async fn sign_in(&mut self, name: &str, to: &str) -> Page {
        let picker = self.picker(to).await;
        let back = self.pick(&picker, name).await;
        self.follow(back).await
    }

    /// Opens Entra's account picker.
    pub async fn picker(&mut self, to: &str) -> Page {
        let page = self.open(to).await;
        assert_eq!(page.url.path(), "/sign-in", "{}", page.text);
        let start = page.attribute("main a.button", "href").expect("a way to sign in");
        self.open(&start).await
    }

    /// Picks an account without following the redirect back to the console.
    pub async fn pick(&mut self, picker: &Page, name: &str) -> Page {
        let fields = {
            let html = Html::parse_document(&picker.text);
            let (inputs, all) = (parsed("form input[type=hidden]"), parsed("form button"));
            let hidden = html.select(&inputs);
            let pair = |element: ElementRef<'_>, value: &str| {
                let attr = |name: &str| element.attr(name).unwrap_or_default().to_owned();
                (attr("name"), attr(value))
            };
            let mut fields: Vec<_> = hidden.map(|element| pair(element, "value")).collect();
            let mut buttons = html.select(&all);
            let chosen = buttons.find(|button| words(*button).contains(name));
            fields.push(pair(chosen.expect("the account is offered"), "value"));
            fields
        };
        let url = picker.url.clone();
        self.send(self.own(url.as_str()).form(&fields)).await
    }

    /// Opens a stream of events.
    pub async fn events(&self, path: &str) -> Events {
        self.stream(self.request(Method::GET, path)).await
    }

    /// Opens a stream of events again, after the event with this id.
    pub async fn events_after(&self, path: &str, id: &str) -> Events {
        self.stream(self.request(Method::GET, path).header("last-event-id", id)).await
    }

    async fn stream(&self, request: RequestBuilder) -> Events {
        let request = request.header("accept", "text/event-stream");
        let answer = request.send().await.expect("the console answers");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events { answer, read: String::new() }
    }
}

pub struct Events {
    answer: reqwest::Response,
    read: String,
}

impl Events {
    /// The next event's name and data, or `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
                };
                let event = (field("event:"), field("data:"));
                self.read = rest.to_owned();
                if event.0.is_empty() && event.1.is_empty() {
                    continue;
                }
                return Some(event);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await;
            let chunk = chunk.expect("an event in time").expect("the stream holds")?;
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// Waits for an event with this name and with data that satisfy `wanted`.
    pub async fn until(&mut self, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        while let Some((event, data)) = self.next().await {
            if event == name && wanted(&data) {
                return data;
            }
        }
        panic!("the stream ended without “{name}”");
    }
}
