// Drives github.com/cloudhut/connect-client, the client inside Redpanda Console:  redpanda-console BASE NAME FILE TOPIC
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	connect "github.com/cloudhut/connect-client"
)

const source = "org.apache.kafka.connect.file.FileStreamSourceConnector"

var (
	ctx    = context.Background()
	client *connect.Client
	name   string
)

func main() {
	base, file, topic := os.Args[1], os.Args[3], os.Args[4]
	name = os.Args[2]
	config := map[string]any{"name": name, "connector.class": source, "file": file, "topic": topic, "tasks.max": "1"}
	// Connect knows no users: credentials are for a proxy before it.
	client = connect.NewClient(connect.WithHost(base), connect.WithBasicAuth("operator", "secret"))

	root := must(client.GetRoot(ctx))
	step("cluster", root.Version)
	for _, plugin := range must(client.GetConnectorPlugins(ctx)) {
		if plugin.Class == source {
			step("plugin", plugin.Type)
		}
	}
	step("validate", errorsIn(config))
	delete(config, "topic")
	step("validate incomplete", errorsIn(config))
	config["topic"] = topic
	request := connect.CreateConnectorRequest{Name: name, Config: config}
	created := must(client.CreateConnector(ctx, request))
	step("create", created.Name, created.Type, created.Config["topic"])
	_, err := client.CreateConnector(ctx, request)
	step("create again", refused(err))
	step("list", listed())
	step("status", until("RUNNING RUNNING", states))
	each := must(client.ListConnectorsExpanded(ctx))[name]
	step("expand both", each.Status.Connector.State, each.Info.Config["topic"])
	got := must(client.GetConnector(ctx, name))
	step("get", got.Name, got.Type, got.Tasks[0].Task)
	step("config", must(client.GetConnectorConfig(ctx, name))["topic"])
	config["batch.size"] = 500
	updated := must(client.PutConnectorConfig(ctx, name, connect.PutConnectorConfigOptions{Config: config}))
	step("update", updated.Config["batch.size"])
	check(client.PauseConnector(ctx, name))
	step("pause", until("PAUSED PAUSED", states))
	check(client.ResumeConnector(ctx, name))
	step("resume", until("RUNNING RUNNING", states))
	check(client.RestartConnector(ctx, name, connect.RestartConnectorOptions{}))
	step("restart", until("RUNNING RUNNING", states))
	check(client.RestartConnector(ctx, name, connect.RestartConnectorOptions{IncludeTasks: true}))
	step("restart with tasks", until("RUNNING RUNNING", states))
	check(client.RestartConnectorTask(ctx, name, 0))
	step("restart task", until("RUNNING RUNNING", states))
	step("topics", until(topic, topics))
	check(client.ResetConnectorTopics(ctx, name))
	step("reset topics", until("", topics))
	check(client.StopConnector(ctx, name))
	step("stop", until("STOPPED", states))
	check(client.DeleteConnector(ctx, name))
	step("delete", until("not listed", listed))
	_, err = client.GetConnector(ctx, name)
	step("get deleted", refused(err))
}

func step(what string, found ...any) {
	fmt.Println(strings.TrimSuffix(fmt.Sprintln(append([]any{what + ":"}, found...)...), "\n"))
}

func errorsIn(config map[string]any) int {
	options := connect.ValidateConnectorConfigOptions{Config: config}
	return must(client.PutValidateConnectorConfig(ctx, source, options)).ErrorCount
}

func listed() string {
	for _, each := range must(client.ListConnectors(ctx)) {
		if each == name {
			return "listed"
		}
	}
	return "not listed"
}

func states() string {
	status, err := client.GetConnectorStatus(ctx, name)
	if err != nil {
		return refused(err)
	}
	found := status.Connector.State
	for _, task := range status.Tasks {
		found += " " + task.State
	}
	return found
}

func topics() string {
	return strings.Join(must(client.GetConnectorTopics(ctx, name))[name].Topics, " ")
}

func refused(err error) string {
	if answer, ok := err.(connect.ApiError); ok {
		return fmt.Sprint(answer.ErrorCode, " ", answer.Message)
	}
	return fmt.Sprint(err)
}

func until(wanted string, look func() string) string {
	for ends := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if found := look(); found == wanted || time.Now().After(ends) {
			return found
		}
	}
}

func must[T any](found T, err error) T {
	check(err)
	return found
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
