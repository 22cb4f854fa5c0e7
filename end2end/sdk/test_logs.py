"""An unmodified client of Log Analytics: azure-monitor-query."""

from datetime import timedelta

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.monitor.query import LogsBatchQuery, LogsQueryClient, LogsQueryStatus

from emulator import Credential, PlainBearer
from watched import Watched

TRAFFIC = "AmlOnlineEndpointTrafficLog"


class Nobody(PlainBearer):
    """Sends no token."""

    def on_request(self, request):
        request.context.options.pop("enforce_https", None)


@pytest.fixture(scope="module")
def azure():
    running = Watched()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def logs(azure):
    # A query that is too slow is not asked again.
    return LogsQueryClient(Credential(), endpoint=azure.url, authentication_policy=PlainBearer(), retry_total=0)


@pytest.fixture(scope="module")
def path(azure):
    path = azure.endpoint("logged", "blue")
    key = azure.key(path)
    assert [azure.score("logged", one) for one in (key, key, "wrong")] == [200, 200, 401]
    azure.advance(60)
    return path


def test_rows_come_back_with_their_types(azure, logs, path):
    query = f"{TRAFFIC} | summarize count(), max(TimeGenerated), avg(TotalDurationMs) by ResponseCode | sort by ResponseCode"
    answer = logs.query_workspace(azure.customer_id(), query, timespan=timedelta(hours=1), include_statistics=True)
    assert answer.status == LogsQueryStatus.SUCCESS
    (table,) = answer.tables
    assert [column for column in table.columns] == [
        "ResponseCode", "count_", "max_TimeGenerated", "avg_TotalDurationMs",
    ]
    assert [(row["ResponseCode"], row["count_"]) for row in table.rows] == [(401, 1), (200, 2)]
    assert table.rows[0]["max_TimeGenerated"].tzinfo is not None
    assert answer.statistics["query"]["executionTime"] >= 0


def test_a_time_span_leaves_older_rows_out(azure, logs, path):
    azure.advance(7200)
    count = f"{TRAFFIC} | count"
    spans = [(timedelta(hours=1), 0), (timedelta(hours=3), 3), (None, 3)]
    for span, expected in spans:
        answer = logs.query_workspace(azure.customer_id(), count, timespan=span)
        assert answer.tables[0].rows[0][0] == expected


def test_a_resource_answers_for_itself(logs, path):
    answer = logs.query_resource(path, f"{TRAFFIC} | count", timespan=None)
    assert answer.tables[0].rows[0][0] == 3
    other = path.replace("logged", "unlogged")
    assert logs.query_resource(other, f"{TRAFFIC} | count", timespan=None).tables[0].rows[0][0] == 0


def test_a_batch_has_answers_and_errors(azure, logs, path):
    at = azure.customer_id()
    queries = [LogsBatchQuery(workspace_id=at, query=query, timespan=None) for query in (f"{TRAFFIC} | count", "AmlNone")]
    good, bad = logs.query_batch(queries)
    assert good.tables[0].rows[0][0] == 3
    assert bad.status == LogsQueryStatus.FAILURE and bad.code == "BadArgumentError"


def test_an_answer_over_the_limit_is_partial(azure, logs):
    answer = logs.query_workspace(azure.customer_id(), "range x from 1 to 500001 step 1", timespan=None)
    assert answer.status == LogsQueryStatus.PARTIAL
    assert answer.partial_error.code == "PartialError"
    assert len(answer.partial_data[0].rows) == 500_000


def test_wrong_queries_are_explained(azure, logs):
    for query, code in ((f"{TRAFFIC} | where", "SyntaxError"), (f"{TRAFFIC} | where Colour == 1", "SemanticError")):
        with pytest.raises(HttpResponseError) as refused:
            logs.query_workspace(azure.customer_id(), query, timespan=None)
        assert refused.value.status_code == 400
        assert refused.value.error.code == "BadArgumentError"
        assert refused.value.error.innererror["code"] == code


def test_a_query_over_its_time_limit_ends(azure, logs):
    numbers = "range x from 1 to 1000000 step 1 | extend k = 1"
    query = f"{numbers} | join kind=inner ({numbers}) on k | count"
    with pytest.raises(HttpResponseError) as refused:
        logs.query_workspace(azure.customer_id(), query, timespan=None, server_timeout=1)
    assert refused.value.status_code == 504


def test_who_has_no_token_or_no_right_reads_nothing(azure, logs):
    nobody = LogsQueryClient(Credential(), endpoint=azure.url, authentication_policy=Nobody())
    with pytest.raises(HttpResponseError) as refused:
        nobody.query_workspace(azure.customer_id(), "print 1", timespan=None)
    assert refused.value.status_code == 401
    switch = f"{azure.url}/emulator/permissions"
    without = {"without": ["Microsoft.OperationalInsights/workspaces/query/*"]}
    requests.put(switch, json=without, timeout=60).raise_for_status()
    try:
        with pytest.raises(HttpResponseError) as refused:
            logs.query_workspace(azure.customer_id(), "print 1", timespan=None)
        assert refused.value.status_code == 403
        assert refused.value.error.code == "InsufficientAccessError"
    finally:
        requests.put(switch, json={"without": []}, timeout=60).raise_for_status()
