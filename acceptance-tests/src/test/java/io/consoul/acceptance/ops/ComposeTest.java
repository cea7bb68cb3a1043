package io.consoul.acceptance.ops;

import static io.consoul.acceptance.ops.OpsFiles.at;
import static io.consoul.acceptance.ops.OpsFiles.objects;
import static io.consoul.acceptance.ops.OpsFiles.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The compose file")
class ComposeTest {

  private static final int LEAST_GRACE_SECONDS = 60 + 25;

  private final JsonObject compose = OpsFiles.yaml("ops/compose/compose.yml");
  private final Map<String, JsonObject> services = services();
  private final List<String> nodes =
      services.keySet().stream().filter(name -> name.startsWith("consoul-")).toList();

  @Test
  @DisplayName(
      "starts every service again, looks after it, bounds its memory, and mounts what there is")
  void everyService() {
    assertThat(services).allSatisfy((name, service) -> {
      assertThat(service.getString("restart")).isEqualTo("unless-stopped");
      assertThat(service.getString("mem_limit")).isNotNull();
      assertThat(texts(at(service, "healthcheck"), "test")).isNotEmpty();
      assertThat(texts(service, "volumes"))
          .extracting(volume -> volume.split(":")[0])
          .allSatisfy(source -> assertThat(
                  source.startsWith(".")
                      ? Files.exists(OpsFiles.OPS.resolve("compose").resolve(source))
                      : at(compose, "volumes").containsKey(source))
              .as(source)
              .isTrue());
    });
  }

  @Test
  @DisplayName("has three nodes that find each other on a network of their own")
  void cluster() {
    assertThat(nodes).hasSize(3);
    assertThat(at(compose, "networks", "cluster").getBoolean("internal")).isTrue();
    assertThat(services)
        .allSatisfy((name, service) ->
            assertThat(networks(service).contains("cluster")).isEqualTo(nodes.contains(name)));
    List<String> addresses = nodes.stream()
        .map(services::get)
        .map(node -> {
          String address = at(node, "environment").getString("CONSOUL_CLUSTER_ADDRESS");
          assertThat(at(node, "networks", "cluster").getString("ipv4_address")).isEqualTo(address);
          assertThat(Integer.parseInt(node.getString("stop_grace_period").replace("s", "")))
              .isGreaterThan(LEAST_GRACE_SECONDS);
          return address;
        })
        .toList();
    assertThat(nodes)
        .allSatisfy(node -> assertThat(at(services.get(node), "environment")
                .getString("CONSOUL_CLUSTER_MEMBERS")
                .split(","))
            .containsExactlyElementsOf(addresses));
  }

  @Test
  @DisplayName("has NGINX send to the nodes, and they believe it")
  void nginx() {
    JsonObject nginx = services.get("nginx");
    List<String> upstream = Pattern.compile("(?m)^ *server (\\S+):8000 ")
        .matcher(OpsFiles.text("ops/nginx/consoul.conf"))
        .results()
        .map(server -> server.group(1))
        .toList();

    assertThat(upstream).containsExactlyElementsOf(nodes);
    assertThat(texts(nginx, "extra_hosts"))
        .isEqualTo(nodes.stream()
            .map(node ->
                node + ":" + at(services.get(node), "networks", "front").getString("ipv4_address"))
            .toList());
    assertThat(nodes)
        .allSatisfy(node -> assertThat(
                at(services.get(node), "environment").getString("CONSOUL_TRUSTED_PROXIES"))
            .isEqualTo(at(nginx, "networks", "front").getString("ipv4_address") + "/32"));
  }

  @Test
  @DisplayName("has Prometheus read all nodes")
  void prometheus() {
    List<JsonObject> jobs =
        objects(OpsFiles.yaml("ops/prometheus/prometheus.yml"), "scrape_configs");

    assertThat(jobs).singleElement().satisfies(job -> {
      assertThat(job.getString("job_name")).isEqualTo("consoul");
      assertThat(texts(objects(job, "static_configs").get(0), "targets"))
          .isEqualTo(nodes.stream().map(node -> node + ":9090").toList());
    });
  }

  private Map<String, JsonObject> services() {
    Map<String, JsonObject> all = new TreeMap<>();
    at(compose, "services")
        .forEach(service -> all.put(service.getKey(), (JsonObject) service.getValue()));
    return all;
  }

  /** Of a service, which names them in a list or with their addresses. */
  private static List<String> networks(JsonObject service) {
    return service.getValue("networks") instanceof JsonObject named
        ? List.copyOf(named.fieldNames())
        : texts(service, "networks");
  }
}
