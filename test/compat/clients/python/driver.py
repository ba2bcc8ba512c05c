# Drives PyPI's kafka-connect-py:  driver.py BASE NAME FILE TOPIC
import sys
import time

from kafka_connect import KafkaConnect
from requests.exceptions import HTTPError

base, name, file, topic = sys.argv[1:]
source = "org.apache.kafka.connect.file.FileStreamSourceConnector"
config = {"name": name, "connector.class": source, "file": file, "topic": topic, "tasks.max": "1"}
# Connect knows no users: credentials are for a proxy before it.
client = KafkaConnect(url=base, auth="operator:secret")


def step(what, *found):
    print(f"{what}:", *found, flush=True)


def until(wanted, look):
    ends = time.monotonic() + 30
    while (found := look()) != wanted and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def states():
    try:
        status = client.get_connector_status(name)
    except HTTPError as error:
        return error.response.status_code
    return " ".join(each["state"] for each in [status["connector"], *status["tasks"]])


def refused(call):
    try:
        return call()
    except HTTPError as error:
        return f"{error.response.status_code} {error.response.json()['message']}"


def listed():
    return "listed" if name in client.list_connectors() else "not listed"


def topics():
    return " ".join(client.list_connector_topics(name)[name]["topics"])


step("cluster", client.get_cluster_info()["version"])
step("plugin", *[plugin["type"] for plugin in client.list_connector_plugins() if plugin["class"] == source])
step("validate", client.validate_connector_config(source, config)["error_count"])
incomplete = {key: value for key, value in config.items() if key != "topic"}
step("validate incomplete", client.validate_connector_config(source, incomplete)["error_count"])
created = client.create_connector({"name": name, "config": config})
step("create", created["name"], created["type"], created["config"]["topic"])
step("create again", refused(lambda: client.create_connector({"name": name, "config": config})))
step("list", listed())
step("status", until("RUNNING RUNNING", states))
step("expand status", client.list_connectors(expand="status")[name]["status"]["connector"]["state"])
step("expand info", client.list_connectors(expand="info")[name]["info"]["config"]["topic"])
got = client.get_connector(name)
step("get", got["name"], got["type"], *[task["task"] for task in got["tasks"]])
step("config", client.get_connector_config(name)["topic"])
step("tasks", *[f"{task['id']['task']} {task['config']['topic']}" for task in client.list_connector_tasks(name)])
step("task status", client.get_connector_task_status(name, 0)["state"])
step("update", client.update_connector(name, {**config, "batch.size": "500"})["config"]["batch.size"])
client.pause_connector(name)
step("pause", until("PAUSED PAUSED", states))
client.resume_connector(name)
step("resume", until("RUNNING RUNNING", states))
client.restart_connector(name)
step("restart", until("RUNNING RUNNING", states))
restarted = client.restart_connector(name, include_tasks=True)
step("restart with tasks", restarted["name"], until("RUNNING RUNNING", states))
client.restart_connector_task(name, 0)
step("restart task", until("RUNNING RUNNING", states))
step("topics", until(topic, topics))
client.reset_connector_topics(name)
step("reset topics", until("", topics))
client.stop_connector(name)
step("stop", until("STOPPED", states))
client.delete_connector(name)
step("delete", until("not listed", listed))
step("get deleted", refused(lambda: client.get_connector(name)))
