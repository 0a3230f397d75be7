//! What leaves by a tool: the person is asked first, sees just that, and guards look at it.

use chat::ApprovalDecision;
use serde_json::json;

use crate::person::{PersonHome, model, sent};
use crate::scripted::{Answer, ScriptedServer, end, text};
use crate::tools::{call, called, calling, reaching, saying};

#[tokio::test]
async fn a_page_is_fetched_only_if_the_person_allows_its_host_and_never_from_private_networks() {
    for (private, decision, state) in [
        (false, ApprovalDecision::Allow, "failed"),
        (true, ApprovalDecision::Deny, "refused"),
    ] {
        let home = PersonHome::new();
        let site =
            ScriptedServer::start(|_, _| Answer::new(200, "text/html", b"<p>secret</p>".to_vec()));
        let page = site.url().replace("/v1", "/page");
        let server = model(move |_, count| match count {
            0 => calling("", "fetch_page", &json!({"url": page})),
            _ => saying("Done."),
        });
        let person = home.open_with(reaching(&home, &server, None, private));
        let chat = person.conversation().await;
        let (_, asked) = person.deciding(&chat, "Read it", decision).await;
        let made = called(&person, &chat).await;
        assert_eq!(
            (asked.len(), made[0]["state"].as_str()),
            (1, Some(state)),
            "{made:#?}"
        );
        assert!(
            !made[0]["result"]
                .as_str()
                .unwrap_or_default()
                .contains("secret")
        );
        assert!(site.requests().is_empty());
    }
}

#[tokio::test]
async fn a_page_that_leads_to_another_host_is_asked_about_anew() {
    let home = PersonHome::new();
    let site = ScriptedServer::start(|request, _| {
        let port = request
            .header("host")
            .and_then(|host| host.split(':').nth(1));
        let to = format!("http://localhost:{}/taken", port.unwrap_or_default());
        Answer::new(302, "text/plain", Vec::new()).header("Location", &to)
    });
    let page = site.url().replace("/v1", "/page");
    let server = model(move |_, count| match count {
        0 => calling("", "fetch_page", &json!({"url": page})),
        _ => saying("Done."),
    });
    let person = home.open_with(reaching(&home, &server, None, true));
    let chat = person.conversation().await;
    person
        .deciding(&chat, "Read it", ApprovalDecision::Allow)
        .await;
    let made = called(&person, &chat).await;
    let result = made[0]["result"].as_str().unwrap_or_default();
    assert!(
        result.contains("leads to another host: `http://localhost"),
        "{result}"
    );
    assert_eq!(site.requests().len(), 1);
}

#[tokio::test]
async fn the_person_is_shown_what_leaves_and_no_placeholder() {
    let home = PersonHome::new();
    let site = ScriptedServer::start(|_, _| Answer::new(200, "text/html", b"<p>Hi</p>".to_vec()));
    let page = site.url().replace("/v1", "/page");
    let server = model(move |request, count| {
        let body = request.json();
        let said = body["messages"][1]["content"].as_str().unwrap_or_default();
        let masked = said.split("is ").nth(1).unwrap_or_default().to_owned();
        match count {
            0 => calling(
                "",
                "fetch_page",
                &json!({"url": format!("{page}?of={masked}")}),
            ),
            _ => saying("Done."),
        }
    });
    let person = home.open_with(reaching(&home, &server, None, true));
    let chat = person.conversation().await;
    let said = "My address is ines.moreau@quince-mail.com";
    let (events, asked) = person.deciding(&chat, said, ApprovalDecision::Allow).await;
    let shown = asked[0]["arguments"]["url"].as_str().unwrap_or_default();
    assert!(
        shown.ends_with("?of=ines.moreau@quince-mail.com"),
        "{shown}"
    );
    for (name, data) in events.iter().filter(|event| event.0.starts_with("Tool")) {
        let arguments = &data["arguments"];
        assert!(!arguments.to_string().contains("[masked"), "{name}: {data}");
    }
    let fetched = &site.requests()[0].path;
    assert!(
        fetched.ends_with("?of=ines.moreau@quince-mail.com"),
        "{fetched}"
    );
    // The model's server still never gets it.
    let bodies = sent(&server);
    let result = bodies[1]["messages"][3]["content"].to_string();
    assert!(result.contains("of=[masked:"), "{result}");
    assert!(
        !bodies
            .iter()
            .any(|body| body.to_string().contains("ines.moreau"))
    );
}

#[tokio::test]
async fn what_a_guard_refuses_is_not_searched_for_in_the_web() {
    let home = PersonHome::new();
    let search = ScriptedServer::start(|_, _| Answer::json(200, &json!({"results": []})));
    let server = model(|_, count| match count {
        0 => calling(
            "",
            "web_search",
            &json!({"query": "\u{53}hut up you fucking idiot, I will kill you and your family."}),
        ),
        _ => saying("Done."),
    });
    let base = search.url().replace("/v1", "");
    let person = home.open_with(reaching(&home, &server, Some(base), false));
    let chat = person.conversation().await;
    person.say(&chat, "Look it up").await;
    assert_eq!(called(&person, &chat).await[0]["state"], "refused");
    assert!(search.requests().is_empty());
}

#[tokio::test]
async fn one_answer_is_that_to_all_calls_of_a_tool_that_wait() {
    let home = PersonHome::new();
    let site = ScriptedServer::start(|_, _| Answer::new(200, "text/html", b"<p>Hi</p>".to_vec()));
    let page = site.url().replace("/v1", "/page");
    let server = model(move |_, count| match count {
        0 => {
            let mut other = call("call-2", "fetch_page", &json!({"url": format!("{page}/2")}));
            other["choices"][0]["delta"]["tool_calls"][0]["index"] = 1.into();
            Answer::stream(&[
                text(""),
                call("call-1", "fetch_page", &json!({"url": page})),
                other,
                end("tool_calls"),
            ])
        }
        _ => saying("Done."),
    });
    let person = home.open_with(reaching(&home, &server, None, true));
    let chat = person.conversation().await;
    let (_, asked) = person
        .deciding(&chat, "Read both", ApprovalDecision::Allow)
        .await;
    let made = called(&person, &chat).await;
    assert_eq!((asked.len(), made.len()), (1, 2), "{made:#?}");
    assert_eq!(site.requests().len(), 2);
}
