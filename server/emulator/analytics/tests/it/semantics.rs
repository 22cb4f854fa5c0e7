//! What KQL means. Each surprising rule names the page of Microsoft's documentation that has it.

use super::support::logs;

/// Checks expressions and their values.
fn check(cases: &[(&str, &str)]) {
    let logs = logs();
    for (expression, value) in cases {
        assert_eq!(&logs.print(expression), value, "{expression}");
    }
}

#[test]
fn null_follows_the_documented_rules() {
    // Kusto, "Null values": equality, binary operators, exceptions to this rule, the logical NOT operator.
    check(&[
        ("int(null) == 4", "false"),
        ("int(null) != 4", "true"),
        ("int(null) == int(null)", "null"),
        ("int(null) != int(null)", "null"),
        ("int(null) > 3", "null"),
        ("int(null) + 10", "null"),
        ("bool(null) and false", "false"),
        ("bool(null) and true", "null"),
        ("bool(null) or true", "true"),
        ("not(bool(null))", "null"),
        ("int(null) in (1, 2)", "false"),
        ("int(null) !in (1, 2)", "true"),
        ("isnull(int(null))", "true"),
        ("isnull('')", "false"),
        ("isempty('')", "true"),
        ("isempty(int(null))", "true"),
        ("strlen('')", "0"),
    ]);
}

#[test]
fn where_drops_rows_whose_condition_is_null() {
    // Kusto, "Null values", the page's own examples.
    let logs = logs();
    let rows =
        logs.rows("datatable(ival:int, sval:string)[5, 'a', int(null), 'b'] | where ival != 5");
    assert_eq!(rows, ["null|b"]);
    let rows = logs.rows(
        "datatable(val:int)[5, int(null)] | extend a = val > 3 | extend b = val > 3 or isnull(val) \
         | extend c = val == int(null) | extend d = val != int(null)",
    );
    assert_eq!(rows, ["5|true|true|false|true", "null|null|true|null|null"]);
}

#[test]
fn numbers_follow_the_documented_rules() {
    // Kusto, "Numerical operators": whole numbers divide to whole ones, and modulo is never negative.
    check(&[
        ("1 / 2", "0"),
        ("1.0 / 2", "0.5"),
        ("14 % 12", "2"),
        ("-14 % 12", "10"),
        ("14 % -12", "2"),
        ("-14 % -12", "10"),
        ("1 / 0", "null"),
        ("2 + 3 * 4", "14"),
        ("-(2 + 3)", "-5"),
        ("0x10", "16"),
        ("1e3", "1000"),
        ("toint('123')", "123"),
        ("toint('abc')", "null"),
        ("tolong(1.9)", "1"),
        ("toint(3000000000)", "null"),
        ("toreal('1.5')", "1.5"),
        ("tobool('true')", "true"),
        ("round(2.346, 2)", "2.35"),
        ("abs(-3)", "3"),
    ]);
}

#[test]
fn times_follow_the_documented_rules() {
    // Kusto, "The timespan data type", examples; "bin()", examples; "ago()".
    check(&[
        ("1d / 1s", "86400"),
        ("time(1d) / time(1s)", "86400"),
        ("24 * 60 * time(00:01:00) / time(1s)", "86400"),
        ("86400 * 1s", "1.00:00:00"),
        ("bin(4.5, 1)", "4"),
        ("bin(time(16d), 7d)", "14.00:00:00"),
        ("bin(datetime(1970-05-11 13:45:07), 1d)", "1970-05-11T00:00:00Z"),
        ("bin(-3, 5)", "-5"),
        ("bin(3, -1)", "null"),
        ("datetime(2026-11-30) - datetime(2026-11-29)", "1.00:00:00"),
        ("datetime(2026-11-30) + 1h", "2026-11-30T01:00:00Z"),
        ("now()", "2026-11-30T12:00:00Z"),
        ("ago(1h)", "2026-11-30T11:00:00Z"),
        ("now(-5m)", "2026-11-30T11:55:00Z"),
        ("todatetime('2014-05-25T08:20:03.123456Z')", "2014-05-25T08:20:03.123456Z"),
        ("tostring(datetime(2026-11-30))", "2026-11-30T00:00:00.0000000Z"),
        ("datetime(2026-11-30) between (datetime(2026-11-29) .. 2d)", "true"),
        ("5 between (1 .. 5)", "true"),
        ("5 !between (1 .. 4)", "true"),
        ("startofweek(datetime(2026-11-30))", "2026-11-29T00:00:00Z"),
        ("hourofday(datetime(2026-11-30 13:59))", "13"),
    ]);
}

#[test]
fn string_operators_are_those_of_the_table() {
    // Kusto, "String operators": the examples of the table all yield true.
    for expression in [
        "'aBc' == 'aBc'",
        "'abc' != 'ABC'",
        "'abc' =~ 'ABC'",
        "'aBc' !~ 'xyz'",
        "'North America' has 'america'",
        "'North America' !has 'amer'",
        "'North America' has_cs 'America'",
        "'North America' !has_cs 'amer'",
        "'North America' hasprefix 'ame'",
        "'North America' !hasprefix 'mer'",
        "'North America' hassuffix 'ica'",
        "'North America' !hassuffix 'americ'",
        "'FabriKam' contains 'BRik'",
        "'Fabrikam' !contains 'xyz'",
        "'FabriKam' contains_cs 'Kam'",
        "'Fabrikam' !contains_cs 'Kam'",
        "'Fabrikam' startswith 'fab'",
        "'Fabrikam' !startswith 'kam'",
        "'Fabrikam' !startswith_cs 'fab'",
        "'Fabrikam' endswith 'Kam'",
        "'Fabrikam' !endswith 'brik'",
        "'Fabrikam' matches regex 'b.*k'",
        "'abc' in ('123', '345', 'abc')",
        "'bca' !in ('123', '345', 'abc')",
        "'abc' in~ ('123', '345', 'ABC')",
        "'bCa' !in~ ('123', '345', 'ABC')",
        "'North America' has_any ('south', 'north')",
        "'North America' has_all ('america', 'north')",
    ] {
        check(&[(expression, "true")]);
    }
}

#[test]
fn a_term_is_a_whole_run_of_letters_and_digits() {
    // Kusto, "String operators", what is a term?: the page's own example.
    let text = "'Kusto:  ad67d136-c1db-4f9f-88ef-d94f3b6b0b5a;;WilliamGates3rd'";
    for (term, is) in [
        ("Kusto", true),
        ("ad67d136", true),
        ("c1db", true),
        ("WilliamGates3rd", true),
        ("williamgates3RD", true),
        ("William", false),
        ("d67d136", false),
        // A phrase: terms with what is between them.
        ("ad67d136-c1db", true),
        ("d136-c1db", false),
    ] {
        check(&[(&format!("{text} has '{term}'"), &is.to_string())]);
    }
}

#[test]
fn string_literals_are_read_in_all_forms() {
    // Kusto, "The string data type": escapes, verbatim strings, adjacent strings, hidden strings.
    check(&[
        (r#""a\"b""#, "a\"b"),
        (r"'it\'s'", "it's"),
        (r#"@"C:\Folder""#, r"C:\Folder"),
        (r#"@'a''b'"#, "a'b"),
        (r#"strlen("Hello"', '@"world!")"#, "13"),
        ("strlen(\"Hello\"  // Comment\n ', ' @\"world!\")", "13"),
        ("h'hidden'", "hidden"),
        ("```two\nlines```", "two\nlines"),
    ]);
}

#[test]
fn functions_of_strings_and_branches() {
    check(&[
        ("strcat('a', 1, true)", "a1true"),
        ("strcat_delim('-', 'a', 2)", "a-2"),
        ("substring('abcdef', 1, 3)", "bcd"),
        ("substring('abcdef', -2)", "ef"),
        ("tolower('ÄB')", "äb"),
        ("extract('x=([0-9.]+)', 1, 'hello x=45.6|wo')", "45.6"),
        ("extract('x=([0-9.]+)', 1, 'hello x=45.6|wo', typeof(real))", "45.6"),
        ("extract('y', 0, 'x')", ""),
        ("split('aaa_bbb_ccc', '_')", r#"["aaa","bbb","ccc"]"#),
        ("split('aaa_bbb_ccc', '_', 1)", r#"["bbb"]"#),
        ("tostring(split('a_b', '_')[1])", "b"),
        ("replace_string('a.b', '.', '-')", "a-b"),
        ("trim('-', '-a-')", "a"),
        ("iff(1 > 2, 'a', 'b')", "b"),
        ("iff(bool(null), 1, 2)", "2"),
        ("case(1 > 2, 'x', 2 > 1, 'y', 'z')", "y"),
        ("coalesce(int(null), 4)", "4"),
        ("coalesce('', 'x')", "x"),
        ("indexof('abc', 'c')", "2"),
        ("max_of(1, 3, 2)", "3"),
    ]);
}

#[test]
fn dynamic_values_are_read_by_path() {
    // Kusto, "The dynamic data type": dynamic object accessors, casting; "parse_json()": text that is not JSON.
    check(&[
        ("parse_json('{\"a\":{\"b\":7}}').a.b", "7"),
        ("toint(parse_json('[100,101,102]')[1])", "101"),
        ("toint(parse_json('[100,101,102]')[-1])", "102"),
        ("parse_json('{\"a b\":1}')['a b']", "1"),
        ("tostring(parse_json('{\"a\":\"x\"}').a)", "x"),
        ("tostring(parse_json('{\"a\":[1]}').a)", "[1]"),
        ("isnull(parse_json('{}').a)", "true"),
        ("tostring(parse_json('no JSON'))", "no JSON"),
        ("dynamic({\"a\": 1}).a == 1", "true"),
        ("parse_json('{\"a\":\"x\"}').a == 'x'", "true"),
        ("array_length(dynamic([1, 2]))", "2"),
        ("gettype(dynamic([1]))", "array"),
        ("2 in (dynamic([1, 2]))", "true"),
    ]);
}

#[test]
fn columns_without_names_get_the_services_names() {
    // Kusto, "summarize operator" (examples' headings); the others as in Microsoft's open-source language service.
    let logs = logs();
    let columns = logs.columns(
        "datatable(x:int, y:real, t:datetime)[1, 2.5, datetime(2026-01-01)] \
         | summarize count(), countif(x > 0), dcount(x), sum(x), avg(x), min(x), max(y), percentile(x, 95), \
           percentiles(y, 50, 99.9), make_set(x), make_list(x), sum(x) by bin(t, 5m), tostring(x), x > 1",
    );
    assert_eq!(
        columns.join(" "),
        "t:datetime x:string Column3:bool count_:long countif_:long dcount_x:long sum_x:long avg_x:real min_x:int max_y:real \
         percentile_x_95:long percentile_y_50:real percentile_y_99_9:real set_x:dynamic list_x:dynamic sum_x1:long"
    );
    assert_eq!(logs.columns("print 1, a = 2, 'x'").join(" "), "print_0:long a:long print_2:string");
    assert_eq!(
        logs.columns("print a = 1 | project a + 1, tostring(a)").join(" "),
        "Column1:long a:string"
    );
    assert_eq!(logs.columns("print a = dynamic({}) | project a.b.c").join(" "), "a_b_c:dynamic");
}

#[test]
fn aggregates_ignore_null_and_have_the_documented_defaults() {
    // Kusto, "summarize operator": aggregates default values, and the examples below them.
    let logs = logs();
    let empty = "range x from 1 to 10 step 1 | where 1 == 2 | summarize";
    assert_eq!(
        logs.rows(&format!("{empty} avg(x), max(x), min(x), percentile(x, 55), sum(x)")),
        ["null|null|null|null|null"]
    );
    assert_eq!(logs.rows(&format!("{empty} count(), countif(x > 0), dcount(x)")), ["0|0|0"]);
    assert_eq!(logs.rows(&format!("{empty} make_set(x), make_list(x)")), ["[]|[]"]);
    assert!(logs.rows(&format!("{empty} count() by x")).is_empty());
    let nulls = "range x from 1 to 2 step 1 | extend y = iff(x == 1, real(null), real(5))";
    assert_eq!(
        logs.rows(&format!("{nulls} | summarize sum(y), avg(y), count(), make_set(y), dcount(y)")),
        ["5|5|2|[5.0]|1"]
    );
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    // Kusto, "percentile()": nearest-rank percentile. The values are those of the page's example.
    let logs = logs();
    let values = "datatable(v:int)[1, 1, 2, 2, 2, 5, 7, 7, 12, 12, 15, 15, 15, 18, 21, 22, 26, 35]";
    assert_eq!(
        logs.rows(&format!("{values} | summarize percentiles(v, 0, 50, 75, 99.9)")),
        ["1|12|18|35"]
    );
}

#[test]
fn aggregates_stand_in_expressions_and_have_conditions() {
    let logs = logs();
    let table = "datatable(d:string, code:int)['a', 200, 'a', 500, 'b', 200, 'a', 503]";
    let rows = logs.rows(&format!(
        "{table} | summarize rate = 100.0 * countif(code >= 500) / count(), sumif(code, code == 200) by d | sort by d asc"
    ));
    assert_eq!(rows, ["a|66.66666666666667|200", "b|0|200"]);
    let rows = logs.rows(&format!(
        "{table} | summarize avgif(code, d == 'a'), minif(code, code > 200), maxif(code, d == 'b')"
    ));
    assert_eq!(rows, ["401|500|200"]);
    let rows = logs.rows(&format!("{table} | summarize arg_max(code, *) by d | order by d asc"));
    assert_eq!(rows, ["a|503", "b|200"]);
    assert_eq!(
        logs.rows(&format!("{table} | summarize make_set(code, 2) by d | where d == 'a'")),
        ["a|[200,500]"]
    );
}

#[test]
fn sorting_puts_nulls_where_the_page_says() {
    // Kusto, "sort operator": descending by default; nulls first for asc and last for desc.
    let logs = logs();
    let table = "datatable(x:int)[2, int(null), 3, 1]";
    assert_eq!(logs.rows(&format!("{table} | sort by x")), ["3", "2", "1", "null"]);
    assert_eq!(logs.rows(&format!("{table} | order by x asc")), ["null", "1", "2", "3"]);
    assert_eq!(logs.rows(&format!("{table} | sort by x asc nulls last")), ["1", "2", "3", "null"]);
    assert_eq!(logs.rows(&format!("{table} | top 2 by x")), ["3", "2"]);
    let special = "datatable(x:real)[real(nan), 1.0, real(null), real(-inf)]";
    assert_eq!(logs.rows(&format!("{special} | sort by x asc")), ["null", "NaN", "-inf", "1"]);
}

#[test]
fn the_default_join_keeps_one_left_row_for_each_key() {
    // Kusto, "innerunique join" and "inner join": the pages' own examples.
    let logs = logs();
    let tables = "let X = datatable(Key:string, Value1:long)['a', 1, 'b', 2, 'b', 3, 'c', 4]; \
                  let Y = datatable(Key:string, Value2:long)['b', 10, 'c', 20, 'c', 30, 'd', 40]; ";
    let rows = |join: &str| logs.rows(&format!("{tables} X | {join}"));
    assert_eq!(rows("join Y on Key"), ["b|2|b|10", "c|4|c|20", "c|4|c|30"]);
    assert_eq!(rows("join kind=inner Y on Key"), ["b|2|b|10", "b|3|b|10", "c|4|c|20", "c|4|c|30"]);
    assert_eq!(
        rows("join kind=leftouter (Y | where Value2 > 10) on $left.Key == $right.Key"),
        ["a|1||null", "b|2||null", "b|3||null", "c|4|c|20", "c|4|c|30"]
    );
    assert_eq!(rows("join kind=leftanti Y on Key"), ["a|1"]);
    assert_eq!(rows("join kind=leftsemi Y on Key"), ["b|2", "b|3", "c|4"]);
    let columns = logs.columns(&format!("{tables} X | join kind=inner Y on Key"));
    assert_eq!(columns.join(" "), "Key:string Value1:long Key1:string Value2:long");
}

#[test]
fn a_union_has_the_columns_of_all_tables() {
    // Kusto, "union operator": columns of one name and different types get the type as a suffix.
    let logs = logs();
    let tables = "let A = datatable(x:int, y:string)[1, 'a']; let B = datatable(x:int, z:real)[2, 0.5]; \
                  let C = datatable(x:string)['c']; ";
    assert_eq!(logs.rows(&format!("{tables} union A, B")), ["1|a|null", "2||0.5"]);
    assert_eq!(logs.rows(&format!("{tables} A | union B | where x == 2")), ["2||0.5"]);
    assert_eq!(logs.rows(&format!("{tables} union kind=inner A, B")), ["1", "2"]);
    assert_eq!(
        logs.rows(&format!("{tables} union withsource=T A, B | project T, x")),
        ["A|1", "B|2"]
    );
    assert_eq!(
        logs.columns(&format!("{tables} union A, C")).join(" "),
        "x_int:int y:string x_string:string"
    );
    assert_eq!(logs.rows(&format!("{tables} union isfuzzy=true A, Missing | count")), ["1"]);
}

#[test]
fn columns_are_kept_removed_and_renamed() {
    let logs = logs();
    let table = "datatable(a:int, ab:int, c:int)[1, 2, 3]";
    for (step, columns) in [
        ("project-away a*", "c:int"),
        ("project-keep a*", "a:int ab:int"),
        ("project-rename z = c", "a:int ab:int z:int"),
        ("extend c = 'x', d = a + 1", "a:int ab:int c:string d:long"),
        ("project c, x = a", "c:int x:int"),
        ("distinct a, c", "a:int c:int"),
        ("count", "Count:long"),
    ] {
        assert_eq!(logs.columns(&format!("{table} | {step}")).join(" "), columns, "{step}");
    }
    assert_eq!(logs.rows("datatable(a:int)[1, 1, 2] | distinct a"), ["1", "2"]);
    assert_eq!(logs.rows("datatable(a:int)[1, 1, 2] | distinct * | count"), ["2"]);
    assert_eq!(logs.rows("range x from 1 to 5 step 2 | take 2"), ["1", "3"]);
    let by_hour = "range t from datetime(2026-01-01) to datetime(2026-01-01 02:00) step 1h | count";
    assert_eq!(logs.rows(by_hour), ["3"]);
}

#[test]
fn let_binds_values_and_tables() {
    let logs = logs();
    assert_eq!(
        logs.rows("let n = 2; let T = range x from 1 to 5 step 1; T | where x > n | count"),
        ["3"]
    );
    assert_eq!(logs.rows("let a = 1; let b = a; print b + 1"), ["2"]);
    assert_eq!(
        logs.rows("let codes = dynamic([1, 3]); range x from 1 to 3 step 1 | where x in (codes)"),
        ["1", "3"]
    );
    assert_eq!(logs.rows("let from = ago(1h); print from < now()"), ["true"]);
}
