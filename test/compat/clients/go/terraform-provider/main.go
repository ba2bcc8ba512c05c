// Drives github.com/ricardo-ch/go-kafka-connect, the client inside the Terraform provider Mongey/kafka-connect:
//
//	terraform-provider BASE NAME FILE TOPIC
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ricardo-ch/go-kafka-connect/v3/lib/connectors"
)

func main() {
	base, name, file, topic := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	source := "org.apache.kafka.connect.file.FileStreamSourceConnector"
	config := map[string]any{"name": name, "connector.class": source, "file": file, "topic": topic, "tasks.max": 1}
	client := connectors.NewClient(base)
	connector := connectors.ConnectorRequest{Name: name}
	task := connectors.TaskRequest{Connector: name, TaskID: 0}

	listed := func() string {
		for _, each := range must(client.GetAll()).Connectors {
			if each == name {
				return "listed"
			}
		}
		return "not listed"
	}
	states := func() string {
		status := must(client.GetConnectorStatus(connector))
		found := status.ConnectorStatus["state"]
		for _, each := range status.TasksStatus {
			found += " " + each.State
		}
		return found
	}

	created := must(client.CreateConnector(connectors.CreateConnectorRequest{ConnectorRequest: connector, Config: config}, true))
	step("create", created.Name, created.Config["topic"])
	step("list", listed())
	step("status", until("RUNNING RUNNING", states))
	got := must(client.GetConnector(connector))
	step("get", got.Name, got.Tasks[0].TaskID)
	step("config", must(client.GetConnectorConfig(connector)).Config["topic"])
	tasks := must(client.GetAllTasks(connector)).Tasks
	step("tasks", tasks[0].ID.TaskID, tasks[0].Config["topic"])
	config["batch.size"] = 500
	update := connectors.CreateConnectorRequest{ConnectorRequest: connector, Config: config}
	step("update", must(client.UpdateConnector(update, true)).Config["batch.size"])
	step("up to date", must(client.IsUpToDate(name, config)))
	must(client.PauseConnector(connector, true))
	step("pause", until("PAUSED PAUSED", states))
	must(client.ResumeConnector(connector, true))
	step("resume", until("RUNNING RUNNING", states))
	must(client.RestartConnector(connector))
	step("restart", until("RUNNING RUNNING", states))
	must(client.RestartTask(task))
	step("restart task", until("RUNNING RUNNING", states))
	config["batch.size"] = 600
	check(client.DeployConnector(update))
	step("deploy", must(client.GetConnectorConfig(connector)).Config["batch.size"])
	must(client.DeleteConnector(connector, true))
	step("delete", listed())
	step("get deleted", must(client.GetConnector(connector)).Code)
}

func step(what string, found ...any) {
	fmt.Println(strings.TrimSuffix(fmt.Sprintln(append([]any{what + ":"}, found...)...), "\n"))
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
