"""Unmodified clients of alerts and autoscale: azure-mgmt-monitor and azure-mgmt-alertsmanagement, and a webhook."""

import http.server
import json
import queue
import threading

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.alertsmanagement import AlertsManagementClient
from azure.mgmt.monitor import MonitorManagementClient, models

from emulator import LOCATION, RESOURCE_GROUP, SUBSCRIPTION, Credential, PlainBearer
from watched import GROUP, LOG_WORKSPACE, Watched

CALL_S_MAX = 30
QUERY = "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'watched'"
AG = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag-sdk"


class Webhook:
    """A local web server that collects what it receives."""

    def __init__(self):
        self.received = received = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                received.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alert"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.received.get(timeout=CALL_S_MAX)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def azure():
    running = Watched()
    running.endpoint("watched", "blue")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def monitor(azure):
    return MonitorManagementClient(
        Credential(), SUBSCRIPTION, base_url=azure.url, credential_scopes=["none"],
        authentication_policy=PlainBearer(),
    )


@pytest.fixture(scope="module")
def fired(azure):
    return AlertsManagementClient(
        Credential(), SUBSCRIPTION, base_url=azure.url, credential_scopes=["none"],
        authentication_policy=PlainBearer(),
    )


@pytest.fixture(scope="module")
def webhook(monitor):
    running = Webhook()
    receiver = models.WebhookReceiver(name="chat", service_uri=running.url, use_common_alert_schema=True)
    group = models.ActionGroupResource(
        location="Global", group_short_name="sdk", enabled=True, webhook_receivers=[receiver]
    )
    monitor.action_groups.create_or_update(RESOURCE_GROUP, "ag-sdk", group)
    yield running
    running.stop()


def rule(query=QUERY):
    condition = models.Condition(
        query=query, time_aggregation="Count", operator="GreaterThan", threshold=1,
        failing_periods=models.ConditionFailingPeriods(number_of_evaluation_periods=1, min_failing_periods_to_alert=1),
    )
    return models.ScheduledQueryRuleResource(
        location=LOCATION, severity=1, enabled=True, scopes=[LOG_WORKSPACE], evaluation_frequency="PT5M",
        window_size="PT15M", auto_mitigate=True, description="Errors",
        criteria=models.ScheduledQueryRuleCriteria(all_of=[condition]),
        actions=models.Actions(action_groups=[AG], custom_properties={"CustomKey1": "watched"}),
    )


def test_errors_fire_an_alert_that_arrives_and_is_acknowledged_and_resolved(azure, monitor, fired, webhook):
    monitor.scheduled_query_rules.create_or_update(RESOURCE_GROUP, "watched-non-200-alert", rule())
    for _ in range(2):
        assert azure.score("watched", "wrong") == 401
    azure.advance(20)
    azure.advance(300)
    sent = webhook.next()
    assert sent["schemaId"] == "azureMonitorCommonAlertSchema"
    assert sent["data"]["essentials"]["monitorCondition"] == "Fired"
    assert sent["data"]["alertContext"]["condition"]["allOf"][0]["metricValue"] == 2
    (alert,) = fired.alerts.get_all(monitor_condition="Fired", time_range="1d")
    essentials = alert.properties.essentials
    assert (essentials.severity, essentials.signal_type, essentials.alert_state) == ("Sev1", "Log", "New")
    guid = sent["data"]["essentials"]["alertId"].rsplit("/", 1)[-1]
    assert alert.id.endswith(guid)
    changed = fired.alerts.change_state(guid, new_state="Acknowledged")
    assert changed.properties.essentials.alert_state == "Acknowledged"
    azure.advance(3600)
    assert webhook.next()["data"]["essentials"]["monitorCondition"] == "Resolved"
    essentials = fired.alerts.get_by_id(guid).properties.essentials
    assert (essentials.monitor_condition, essentials.alert_state) == ("Resolved", "Acknowledged")
    history = fired.alerts.get_history(guid).properties.modifications
    assert "StateChange" in [one.modification_event for one in history]
    summary = fired.alerts.get_summary(groupby="severity", time_range="1d").properties
    assert (summary.total, summary.values[0].name) == (1, "Sev1")


def test_a_query_with_unknown_columns_is_refused(monitor, webhook):
    with pytest.raises(HttpResponseError) as refused:
        wrong = rule("AmlOnlineEndpointTrafficLog | where Colour == 1")
        monitor.scheduled_query_rules.create_or_update(RESOURCE_GROUP, "wrong", wrong)
    assert refused.value.status_code == 400
    assert "SemanticError" in refused.value.message


def test_a_test_notification_reaches_the_webhook(monitor, webhook):
    receiver = models.WebhookReceiver(name="chat", service_uri=webhook.url, use_common_alert_schema=True)
    email = models.EmailReceiver(name="team", email_address="team@anet.example")
    body = models.NotificationRequestBody(
        alert_type="logalertv2", webhook_receivers=[receiver], email_receivers=[email]
    )
    poller = monitor.action_groups.begin_create_notifications_at_action_group_resource_level(
        RESOURCE_GROUP, "ag-sdk", body, polling_interval=0.1
    )
    done = poller.result()
    assert done.state == "Completed"
    assert [(one.mechanism_type, one.status) for one in done.action_details] == [
        ("Webhook", "Completed"), ("Email", "Completed"),
    ]
    assert webhook.next()["data"]["essentials"]["monitoringService"] == "Log Alerts V2"


def test_autoscale_adds_and_removes_instances(azure, monitor):
    path = azure.endpoint("scaled", "blue")
    target, key = f"{path}/deployments/blue", azure.key(path)

    def when(direction, operator):
        trigger = models.MetricTrigger(
            metric_name="RequestsPerMinute", metric_resource_uri=target, time_grain="PT1M", statistic="Average",
            time_window="PT5M", time_aggregation="Average", operator=operator, threshold=1,
        )
        action = models.ScaleAction(direction=direction, type="ChangeCount", value="1", cooldown="PT5M")
        return models.ScaleRule(metric_trigger=trigger, scale_action=action)

    profile = models.AutoscaleProfile(
        name="default", capacity=models.ScaleCapacity(minimum="1", maximum="2", default="1"),
        rules=[when("Increase", "GreaterThan"), when("Decrease", "LessThan")],
    )
    setting = models.AutoscaleSettingResource(
        location=LOCATION, profiles=[profile], enabled=True, target_resource_uri=target
    )
    made = monitor.autoscale_settings.create_or_update(RESOURCE_GROUP, "scale-blue", setting)
    assert made.profiles[0].capacity.maximum == "2"
    count = lambda: azure.arm("GET", target)["sku"]["capacity"]
    for _ in range(30):
        assert azure.score("scaled", key) == 200
    azure.advance(60)
    azure.succeeds(target)
    assert count() == 2
    azure.advance(660)
    azure.succeeds(target)
    assert count() == 1
    events = monitor.activity_logs.list(filter="eventTimestamp ge '2020-01-01T00:00:00Z'")
    assert {event.operation_name.value.split("/")[2] for event in events} == {"Scaleup", "Scaledown"}
    assert [one.name for one in monitor.autoscale_settings.list_by_resource_group(RESOURCE_GROUP)] == ["scale-blue"]
    monitor.autoscale_settings.delete(RESOURCE_GROUP, "scale-blue")
