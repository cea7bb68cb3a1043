package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.openapi.contract.OpenAPIVersion;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("openapi.json")
class OpenApiTest {

  private static RunningGateway gateway;
  private static OpenApi api;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start();
    api = new OpenApi(gateway.vertx);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  @DisplayName("is served to anybody, with the version of the server, and is what the file says")
  void served() {
    HttpResponse<String> response =
        gateway.send(gateway.request("/openapi.json").header("Via", "1.1 proxy"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonObject served = new JsonObject(response.body());
    assertThat(served.getJsonObject("info").getString("version")).isEqualTo("1.2.3");
    served.getJsonObject("info").put("version", "0");
    assertThat(served).isEqualTo(api.document());
  }

  @Test
  @DisplayName("is not sent again to a caller who has it")
  void cached() {
    String tag = gateway.get("/openapi.json").headers().firstValue("ETag").orElseThrow();
    for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
      HttpResponse<String> again =
          gateway.send(gateway.request("/openapi.json").header("If-None-Match", known));
      assertThat(again.statusCode()).as(known).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(again.headers().firstValue("ETag")).hasValue(tag);
    }
    var other = gateway.request("/openapi.json").header("If-None-Match", "\"other\"");
    assertThat(gateway.send(other).statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("is valid OpenAPI 3.1")
  void valid() {
    OpenAPIVersion version = OpenAPIVersion.fromContract(api.document());
    assertThat(version).isEqualTo(OpenAPIVersion.V3_1);
    JsonObject copy = api.document().copy(); // it is written into
    assertThat(RunningGateway.get(version
                .getRepository(gateway.vertx, "app://consoul")
                .compose(repository -> version.validateContract(gateway.vertx, repository, copy)))
            .getValid())
        .isTrue();
  }

  @Test
  @DisplayName("lists exactly the error codes that there are")
  void codes() {
    assertThat(api.schemas().named("ErrorCode").getJsonArray("enum"))
        .containsExactlyElementsOf(
            Arrays.stream(Fault.values()).map(Fault::code).toList());
  }

  static List<String> operations() {
    return api.operations();
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("names each code with the status that it has")
  @MethodSource("operations")
  void statuses(String operation) {
    for (String status : api.operation(operation).getJsonObject("responses").fieldNames()) {
      JsonObject response = api.response(operation, Integer.parseInt(status));
      for (Fault fault : namedIn(response.getString("description"))) {
        int expected = ErrorShape.of(operation.split(" ")[1]).status(fault.because());
        assertThat(status).as("%s: %s", operation, fault.code()).isIn("" + expected, "426");
      }
    }
  }

  private static List<Fault> namedIn(String description) {
    return Pattern.compile("`(E\\d+)`")
        .matcher(description)
        .results()
        .map((MatchResult found) -> Fault.ofCode(found.group(1)))
        .toList();
  }

  @Test
  @DisplayName("has the paths and methods that the gateway serves, and no others")
  void routes() {
    Set<String> served = gateway.verticle.routes().stream()
        .filter(Route::isRegexPath)
        .flatMap(route -> route.methods().stream()
            .filter(method -> !method.equals(HttpMethod.HEAD))
            .map(method -> method + " " + shape(route.getName())))
        .collect(Collectors.toCollection(TreeSet::new));
    Set<String> documented = api.operations().stream()
        .map(operation -> operation.replaceAll("\\{[a-z_]+}", "*"))
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(served);
  }

  private static String shape(String regex) {
    return regex.replaceAll("(\\[\\^/]|\\.)[+*]", "*").replace("\\.", ".");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("has the methods that OPTIONS names")
  @MethodSource("operations")
  void methods(String operation) {
    String path = operation.split(" ")[1];
    String allowed = gateway
        .send(gateway
            .request(path.replaceAll("\\{[a-z_]+}", "x"))
            .method("OPTIONS", BodyPublishers.noBody()))
        .headers()
        .firstValue("Allow")
        .orElseThrow();
    Set<String> methods = new TreeSet<>(Set.of(allowed.split(", ")));
    methods.removeAll(Set.of("HEAD", "OPTIONS"));
    assertThat(methods)
        .isEqualTo(api.paths().getJsonObject(path).fieldNames().stream()
            .map(String::toUpperCase)
            .collect(Collectors.toSet()));
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("has examples that are as its schemas say")
  @MethodSource("operations")
  void examples(String operation) {
    JsonObject request = api.operation(operation).getJsonObject("requestBody");
    if (request != null) {
      Object example =
          request.getJsonObject("content").getJsonObject("application/json").getValue("example");
      assertThat(api.schemas().complaint(api.requestSchema(operation), example)).isEmpty();
    }
    for (String status : api.operation(operation).getJsonObject("responses").fieldNames()) {
      JsonObject media = api.response(operation, Integer.parseInt(status))
          .getJsonObject("content", new JsonObject())
          .getJsonObject("application/json", new JsonObject());
      if (media.containsKey("example")) {
        String name = media.getJsonObject("schema").getString("$ref").replaceFirst(".*/", "");
        assertThat(api.schemas().strictComplaint(name, media.getValue("example")))
            .isEmpty();
      }
    }
  }

  @Test
  @DisplayName("describes every operation and every parameter in words")
  void words() {
    Set<String> ids = new TreeSet<>();
    for (String operation : api.operations()) {
      JsonObject described = api.operation(operation);
      assertThat(described.getString("summary")).as(operation).isNotBlank();
      assertThat(ids.add(described.getString("operationId"))).as(operation).isTrue();
      assertThat(described.getJsonArray("tags", new JsonArray())).as(operation).hasSize(1);
    }
    api.document()
        .getJsonObject("components")
        .getJsonObject("parameters")
        .forEach(
            parameter -> assertThat(((JsonObject) parameter.getValue()).getString("description"))
                .as(parameter.getKey())
                .isNotBlank());
  }
}
