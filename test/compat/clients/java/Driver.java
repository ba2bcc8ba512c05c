import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.sourcelab.kafka.connect.apiclient.Configuration;
import org.sourcelab.kafka.connect.apiclient.KafkaConnectClient;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorPluginConfigDefinition;
import org.sourcelab.kafka.connect.apiclient.request.dto.NewConnectorDefinition;
import org.sourcelab.kafka.connect.apiclient.request.post.PostConnectorRestart;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.InvalidRequestException;

/** Drives Maven Central's org.sourcelab:kafka-connect-client: {@code Driver BASE NAME FILE TOPIC}. */
class Driver {
  static final String SOURCE = "org.apache.kafka.connect.file.FileStreamSourceConnector";
  static KafkaConnectClient client;
  static String name;

  public static void main(String[] args) throws Exception {
    name = args[1];
    String topic = args[3];
    Map<String, String> config = new LinkedHashMap<>(
        Map.of("name", name, "connector.class", SOURCE, "file", args[2], "topic", topic, "tasks.max", "1"));
    // Connect knows no users: credentials are for a proxy before it.
    client = new KafkaConnectClient(new Configuration(args[0]).useBasicAuth("operator", "secret"));

    step("cluster", client.getConnectServerVersion().getVersion());
    step("plugin", client.getConnectorPlugins().stream()
        .filter(plugin -> plugin.getClassName().equals(SOURCE)).map(plugin -> plugin.getType())
        .collect(Collectors.joining(" ")));
    step("validate", errors(config));
    Map<String, String> incomplete = new LinkedHashMap<>(config);
    incomplete.remove("topic");
    step("validate incomplete", errors(incomplete));
    var definition = NewConnectorDefinition.newBuilder().withName(name).withConfig(config).build();
    var created = client.addConnector(definition);
    step("create", created.getName(), created.getType(), created.getConfig().get("topic"));
    step("create again", refused(() -> client.addConnector(definition).getName()));
    step("list", listed());
    step("status", until("RUNNING RUNNING", Driver::states));
    step("expand status",
        client.getConnectorsWithExpandedStatus().getStatusForConnector(name).getConnector().get("state"));
    step("expand info",
        client.getConnectorsWithExpandedInfo().getDefinitionForConnector(name).getConfig().get("topic"));
    var all = client.getConnectorsWithAllExpandedMetadata();
    step("expand both", all.getStatusForConnector(name).getConnector().get("state"),
        all.getDefinitionForConnector(name).getConfig().get("topic"));
    var got = client.getConnector(name);
    step("get", got.getName(), got.getType(), got.getTasks().get(0).getTask());
    step("config", client.getConnectorConfig(name).get("topic"));
    var task = client.getConnectorTasks(name).iterator().next();
    step("tasks", task.getId().getTask(), task.getConfig().get("topic"));
    step("task status", client.getConnectorTaskStatus(name, 0).getState());
    config.put("batch.size", "500");
    step("update", client.updateConnectorConfig(name, config).getConfig().get("batch.size"));
    client.pauseConnector(name);
    step("pause", until("PAUSED PAUSED", Driver::states));
    client.resumeConnector(name);
    step("resume", until("RUNNING RUNNING", Driver::states));
    client.restartConnector(name);
    step("restart", until("RUNNING RUNNING", Driver::states));
    step("restart with tasks", client.restartConnector(new PostConnectorRestart(name).withIncludeTasks(true)),
        until("RUNNING RUNNING", Driver::states));
    client.restartConnectorTask(name, 0);
    step("restart task", until("RUNNING RUNNING", Driver::states));
    step("topics", until(topic, () -> String.join(" ", client.getConnectorTopics(name).getTopics())));
    client.resetConnectorTopics(name);
    step("reset topics", until("", () -> String.join(" ", client.getConnectorTopics(name).getTopics())));
    client.deleteConnector(name);
    step("delete", until("not listed", Driver::listed));
    step("get deleted", refused(() -> client.getConnector(name).getName()));
  }

  static void step(String what, Object... found) {
    System.out.println(what + ": " + java.util.Arrays.stream(found).map(String::valueOf).collect(Collectors.joining(" ")));
  }

  static int errors(Map<String, String> config) {
    var definition = ConnectorPluginConfigDefinition.newBuilder().withName(SOURCE).withConfig(config).build();
    return client.validateConnectorPluginConfig(definition).getErrorCount();
  }

  static String listed() {
    return client.getConnectors().contains(name) ? "listed" : "not listed";
  }

  static String states() throws Exception {
    return refused(() -> {
      var status = client.getConnectorStatus(name);
      return status.getConnector().get("state")
          + status.getTasks().stream().map(task -> " " + task.getState()).collect(Collectors.joining());
    });
  }

  static String refused(Callable<String> call) throws Exception {
    try {
      return call.call();
    } catch (InvalidRequestException error) {
      return error.getErrorCode() + " " + error.getMessage();
    }
  }

  static String until(String wanted, Callable<String> look) throws Exception {
    long ends = System.nanoTime() + 30_000_000_000L;
    for (;;) {
      String found = look.call();
      if (found.equals(wanted) || System.nanoTime() > ends) return found;
      Thread.sleep(50);
    }
  }
}
