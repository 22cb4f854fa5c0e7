//! What wrong queries are answered.

use super::support::logs;
use analytics::{QueryError, check};

fn error(text: &str) -> QueryError {
    match logs().ask(text) {
        Err(error) => error,
        Ok(rows) => panic!("{text} was answered: {rows:?}"),
    }
}

#[test]
fn a_syntax_error_has_the_services_shape_and_place() {
    // The first query and its place are those of a recorded answer (azure-sdk-for-js, monitor-query, recordings).
    let json = error("completely invalid syntax").to_json();
    assert_eq!(json["code"], "BadArgumentError");
    assert_eq!(json["message"], "The request had some invalid properties");
    assert_eq!(json["innererror"]["code"], "SyntaxError");
    assert_eq!(json["innererror"]["message"], "A recognition error occurred in the query.");
    let inner = &json["innererror"]["innererror"];
    assert_eq!(inner["code"], "SYN0002");
    let message = inner["message"].as_str().expect("a message");
    assert!(
        message.starts_with("Query could not be parsed at 'invalid' on line [1,11]"),
        "{message}"
    );
    assert_eq!(
        (&inner["line"], &inner["pos"], &inner["token"]),
        (&1.into(), &11.into(), &"invalid".into())
    );
}

#[test]
fn a_syntax_error_says_what_was_found_and_what_may_stand_there() {
    for (text, place, token, expected) in [
        (
            "AmlOnlineEndpointTrafficLog\n| wher ResponseCode == 200",
            (2, 2),
            "wher",
            "did you mean where?",
        ),
        ("AmlOnlineEndpointTrafficLog | where", (1, 35), "<EOF>", "an expression"),
        ("AmlOnlineEndpointTrafficLog | where (ResponseCode == 200", (1, 56), "<EOF>", ")"),
        ("| count", (1, 0), "|", "the name of a table"),
        ("print 'open", (1, 6), "'open", "a closing quotation mark"),
        ("print datetime(now())", (1, 6), "datetime(now())", "a datetime literal"),
        ("print 5x", (1, 6), "5x", "a number or a time span"),
        ("print ['$x'] = 1", (1, 6), "['$x']", "a name"),
        ("print 1 | extend $x = 1", (1, 17), "$x", "a name"),
        ("AmlOnlineEndpointTrafficLog | render cake", (1, 37), "cake", "timechart"),
    ] {
        let error = error(text);
        let QueryError::Syntax { place: found, token: at, expected: wanted } = &error else {
            panic!("{text}: {error:?}")
        };
        assert_eq!(((found.line, found.column), at.as_str()), (place, token), "{text}");
        assert!(wanted.contains(expected), "{text}: {wanted}");
    }
}

#[test]
fn a_semantic_error_has_the_services_code_and_says_what_is_known() {
    for (text, code, message) in [
        // The services' own sentence, from a public issue (azure-cli-extensions, 3002).
        (
            "AmlOnlineEndpointTrafficLog | where ResponsCode == 500",
            Some("SEM0100"),
            "'where' operator: Failed to resolve column or scalar expression named 'ResponsCode'. Did you mean ResponseCode?",
        ),
        (
            "AmlOnlineEndpointTraficLog | where ResponseCode == 500",
            Some("SEM0100"),
            "'where' operator: Failed to resolve table or column expression named 'AmlOnlineEndpointTraficLog'. Did you mean \
             AmlOnlineEndpointTrafficLog?",
        ),
        (
            "AmlOnlineEndpointTrafficLog | where ResponseCode > '500'",
            Some("SEM0064"),
            "Cannot compare values of types int and string. Try adding explicit casts",
        ),
        (
            "AmlOnlineEndpointTrafficLog | where TimeGenerated > 5",
            Some("SEM0064"),
            "Cannot compare values of types datetime and long. Try adding explicit casts",
        ),
        (
            "print x = tostrin(1)",
            Some("SEM0260"),
            "Unknown function: 'tostrin'. Did you mean tostring?",
        ),
        (
            "print x = tostring(1, 2)",
            Some("SEM0219"),
            "tostring(): function expects 1 argument(s).",
        ),
        (
            "AmlOnlineEndpointTrafficLog | where ResponseCode has '5'",
            None,
            "'has' works on strings, not on int.",
        ),
        ("AmlOnlineEndpointTrafficLog | where count() > 1", None, "can only be used in summarize"),
        (
            "AmlOnlineEndpointTrafficLog | summarize ResponseCode",
            None,
            "is a column, not an aggregate",
        ),
        ("AmlOnlineEndpointTrafficLog | where Path", None, "the condition is a string, not a bool"),
        (
            "AmlOnlineEndpointTrafficLog | where Path matches regex '('",
            None,
            "The regular expression is not valid",
        ),
    ] {
        let error = error(text);
        let QueryError::Semantic { code: had, message: said, .. } = &error else {
            panic!("{text}: {error:?}")
        };
        assert_eq!(had, &code, "{text}");
        assert!(said.contains(message), "{text}: {said}");
        assert_eq!(error.to_json()["innererror"]["code"], "SemanticError", "{text}");
    }
    let known = error("AmlOnlineEndpointConsoleLog | where Endpoint == 'fraud'").message();
    assert!(
        known.contains("Known columns: TimeGenerated, ") && known.contains("DeploymentName"),
        "{known}"
    );
    assert!(!known.contains('$'), "{known}");
}

#[test]
fn what_only_the_service_knows_is_another_error() {
    for (text, name) in [
        ("AmlOnlineEndpointTrafficLog | mv-expand Path", "the operator `mv-expand`"),
        (
            "AmlOnlineEndpointTrafficLog | make-series count() on TimeGenerated step 1h",
            "the operator `make-series`",
        ),
        ("search 'error'", "the operator `search`"),
        ("print x = format_datetime(now(), 'yyyy')", "the function `format_datetime`"),
        ("AmlOnlineEndpointTrafficLog | summarize stdev(ResponseCode)", "the function `stdev`"),
        ("print x = guid(00000000-0000-0000-0000-000000000000)", "the function `guid`"),
        ("let f = (x: long) { x + 1 }; print f(1)", "the functions of a query"),
        ("print a = 1 | join kind=fullouter (print a = 1) on a", "the kind of join `fullouter`"),
        ("set notruncation; print 1", "the statement `set`"),
    ] {
        let error = error(text);
        assert!(matches!(error, QueryError::Unsupported { .. }), "{text}: {error:?}");
        assert!(
            error.message().contains(&format!("The emulator does not know {name}")),
            "{text}: {}",
            error.message()
        );
        assert_eq!(error.to_json()["code"], "NotSupportedByEmulator", "{text}");
    }
}

#[test]
fn a_check_answers_columns_and_remarks_without_rows() {
    let logs = logs();
    let text = "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'fraud' | project ResponseCode";
    let checked = check(&logs.store, text, 0).expect("a valid query");
    assert_eq!(checked.columns.len(), 1);
    assert_eq!(checked.remarks.len(), 1, "{:?}", checked.remarks);
    assert!(
        checked.remarks[0].message.contains("type int is compared with a string"),
        "{:?}",
        checked.remarks
    );
    assert_eq!((checked.remarks[0].place.line, checked.remarks[0].place.column), (1, 49));
    let clean = check(&logs.store, "AmlOnlineEndpointTrafficLog | where ResponseCode != 200", 0)
        .expect("valid");
    assert!(clean.remarks.is_empty());
    let chart = "AmlOnlineEndpointTrafficLog | summarize count() by bin(TimeGenerated, 5m) | render timechart with (title='x')";
    let render = check(&logs.store, chart, 0).expect("valid").render.expect("a chart");
    assert_eq!((render.kind.as_str(), render.properties.len()), ("timechart", 1));
}
