package io.consoul.acceptance.ops;

import static io.consoul.acceptance.ops.OpsFiles.at;
import static io.consoul.acceptance.ops.OpsFiles.objects;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The manifests for Kubernetes")
class KubernetesTest {

  private static final String FOLDER = "ops/kubernetes/";
  private static final JsonObject KUSTOMIZATION = OpsFiles.yaml(FOLDER + "kustomization.yaml");

  /** What a node may take beyond CONSOUL_SHUTDOWN_TIMEOUT. */
  private static final int LAST_SECONDS = 25;

  private final List<JsonObject> manifests = KUSTOMIZATION.getJsonArray("resources").stream()
      .flatMap(file -> OpsFiles.documents(FOLDER + file).stream())
      .toList();

  private final List<JsonObject> deployments = ofKind("Deployment");

  @Test
  @DisplayName("have each name once, and no file is left out")
  void complete() {
    assertThat(manifests).extracting(KubernetesTest::id).doesNotHaveDuplicates();
    assertThat(OpsFiles.files(FOLDER))
        .filteredOn(file -> file.endsWith(".yaml") && !file.contains("monitoring"))
        .extracting(file -> file.substring(FOLDER.length()))
        .containsExactlyInAnyOrderElementsOf(Stream.concat(
                KUSTOMIZATION.getJsonArray("resources").stream().map(String.class::cast),
                Stream.of("kustomization.yaml", "secret.example.yaml"))
            .toList());
  }

  @Test
  @DisplayName("run each kind of verticle in a Deployment of its own")
  void roles() {
    assertThat(settings()).containsEntry("CONSOUL_CLUSTER", "true");
    assertThat(deployments)
        .extracting(KubernetesTest::verticles)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Kind.values()).map(Kind::wireName).toList());
  }

  @Test
  @DisplayName("select what there is: pods, ports, deployments, keys of the secret")
  void references() {
    assertThat(deployments)
        .allSatisfy(deployment -> assertThat(at(deployment, "spec", "selector", "matchLabels"))
            .isEqualTo(labels(deployment)));
    manifests.forEach(manifest -> {
      JsonObject selector = selector(manifest);
      assertThat(selected(selector)).as(id(manifest)).isNotEmpty();
      assertThat(ports(manifest))
          .as(id(manifest))
          .allSatisfy(port -> assertThat(selected(selector))
              .allSatisfy(deployment -> assertThat(portNames(deployment)).contains(port)));
    });
    assertThat(ofKind("HorizontalPodAutoscaler"))
        .hasSize(2)
        .extracting(scaler -> at(scaler, "spec", "scaleTargetRef").getString("name"))
        .isSubsetOf(deployments.stream().map(KubernetesTest::name).toList());
    assertThat(secretKeys())
        .isSubsetOf(
            at(OpsFiles.yaml(FOLDER + "secret.example.yaml"), "stringData").fieldNames());
  }

  @Test
  @DisplayName("probe where the role answers, for life without what others lack")
  void probes() {
    assertThat(deployments).allSatisfy(deployment -> {
      JsonObject container = container(deployment);
      boolean gateway = portNames(deployment).contains("http");
      Map.of("startupProbe", "/health", "livenessProbe", "/health", "readinessProbe", "/ready")
          .forEach((probe, path) -> assertThat(at(container, probe, "httpGet"))
              .isEqualTo(
                  new JsonObject().put("path", path).put("port", gateway ? "http" : "metrics")));
    });
  }

  @Test
  @DisplayName("give a pod the time to drain, and no more rights than it needs")
  void pods() {
    int drain = Integer.parseInt(settings().get("CONSOUL_SHUTDOWN_TIMEOUT"));
    assertThat(deployments).allSatisfy(deployment -> {
      JsonObject pod = at(deployment, "spec", "template", "spec");
      JsonArray pause =
          at(container(deployment), "lifecycle", "preStop", "exec").getJsonArray("command");
      assertThat(pod.getInteger("terminationGracePeriodSeconds"))
          .isGreaterThan(Integer.parseInt(pause.getString(1)) + drain + LAST_SECONDS);
      assertThat(pod.getBoolean("enableServiceLinks")).isFalse();
      assertThat(pod.getBoolean("automountServiceAccountToken")).isFalse();
      assertThat(at(pod, "securityContext").getBoolean("runAsNonRoot")).isTrue();
      assertThat(at(container(deployment), "securityContext"))
          .isEqualTo(new JsonObject()
              .put("allowPrivilegeEscalation", false)
              .put("readOnlyRootFilesystem", true)
              .put("capabilities", new JsonObject().put("drop", JsonArray.of("ALL"))));
      assertThat(at(container(deployment), "resources", "limits").getString("memory"))
          .isNotNull();
    });
  }

  @Test
  @DisplayName("let nobody but the nodes at the ports of the cluster, which are those of its file")
  void clusterPorts() {
    List<JsonObject> open = ofKind("NetworkPolicy").stream()
        .flatMap(policy -> objects(at(policy, "spec"), "ingress").stream())
        .filter(rule -> objects(rule, "ports").stream()
            .anyMatch(port -> Set.of("hazelcast", "event-bus").contains(port.getString("port"))))
        .toList();
    assertThat(open).hasSize(1);
    assertThat(objects(open.get(0), "from"))
        .singleElement()
        .extracting(from -> at(from, "podSelector", "matchLabels"))
        .isEqualTo(new JsonObject().put("app.kubernetes.io/name", "consoul"));

    String file = OpsFiles.text(FOLDER + "cluster.xml");
    assertThat(file)
        .contains("<port auto-increment=\"false\">" + port("hazelcast") + "<")
        .contains("\"consoul.event-bus.port\">" + port("event-bus") + "<");
  }

  @Test
  @DisplayName("can be built by kubectl")
  void kustomized() throws Exception {
    Tool kubectl = Tool.orSkip("kubectl");

    for (String folder : List.of(FOLDER, FOLDER + "monitoring")) {
      Tool.Run built = kubectl.run("kustomize", folder);
      assertThat(built.status()).as(built.output()).isZero();
    }
  }

  private List<JsonObject> ofKind(String kind) {
    return manifests.stream()
        .filter(manifest -> manifest.getString("kind").equals(kind))
        .toList();
  }

  /** All of whose labels it wants; everything where it wants none. */
  private List<JsonObject> selected(JsonObject selector) {
    return deployments.stream()
        .filter(deployment -> selector.stream()
            .allMatch(
                label -> label.getValue().equals(labels(deployment).getValue(label.getKey()))))
        .toList();
  }

  private static JsonObject selector(JsonObject manifest) {
    JsonObject spec = manifest.getJsonObject("spec", new JsonObject());
    return switch (manifest.getString("kind")) {
      case "Service" -> spec.getJsonObject("selector");
      case "NetworkPolicy" -> at(spec, "podSelector", "matchLabels");
      case "PodDisruptionBudget", "Deployment" -> at(spec, "selector", "matchLabels");
      default -> new JsonObject();
    };
  }

  /** Of containers, that a Service or a policy names. */
  private static List<String> ports(JsonObject manifest) {
    JsonObject spec = manifest.getJsonObject("spec");
    return switch (manifest.getString("kind")) {
      case "Service" ->
        objects(spec, "ports").stream()
            .map(port -> port.getString("targetPort"))
            .toList();
      case "NetworkPolicy" ->
        objects(spec, "ingress").stream()
            .flatMap(rule -> objects(rule, "ports").stream())
            .map(port -> port.getString("port"))
            .toList();
      default -> List.of();
    };
  }

  private Set<String> secretKeys() {
    return deployments.stream()
        .flatMap(deployment -> objects(container(deployment), "env").stream())
        .filter(variable -> variable.containsKey("valueFrom"))
        .map(variable -> at(variable, "valueFrom").getJsonObject("secretKeyRef"))
        .filter(reference -> reference != null)
        .map(reference -> reference.getString("key"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, String> settings() {
    return objects(KUSTOMIZATION, "configMapGenerator").stream()
        .filter(map -> map.containsKey("literals"))
        .flatMap(map -> map.getJsonArray("literals").stream())
        .map(literal -> ((String) literal).split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  private int port(String name) {
    return objects(container(deployments.get(0)), "ports").stream()
        .filter(port -> port.getString("name").equals(name))
        .findFirst()
        .orElseThrow()
        .getInteger("containerPort");
  }

  private static List<String> portNames(JsonObject deployment) {
    return objects(container(deployment), "ports").stream()
        .map(port -> port.getString("name"))
        .toList();
  }

  /** As a variable, not as an option: `consoul health` and `check` in the pod know of it then. */
  private static String verticles(JsonObject deployment) {
    return objects(container(deployment), "env").stream()
        .filter(variable -> variable.getString("name").equals("CONSOUL_VERTICLES"))
        .findFirst()
        .orElseThrow()
        .getString("value");
  }

  private static JsonObject container(JsonObject deployment) {
    return objects(at(deployment, "spec", "template", "spec"), "containers").get(0);
  }

  private static JsonObject labels(JsonObject deployment) {
    return at(deployment, "spec", "template", "metadata", "labels");
  }

  private static String id(JsonObject manifest) {
    return manifest.getString("kind") + " " + name(manifest);
  }

  private static String name(JsonObject manifest) {
    return at(manifest, "metadata").getString("name");
  }
}
