package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A web page that calls from a browser")
class CorsTest {

  private static final String APP = "https://app.example.org";

  private RunningGateway gateway;

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void start(JsonObject cors) {
    gateway = RunningGateway.start(new JsonObject().put("allowAnonymous", true).put("cors", cors));
  }

  private void startFor(String... origins) {
    JsonArray list = new JsonArray();
    for (String origin : origins) {
      list.add(origin);
    }
    start(new JsonObject().put("origins", list).put("allowCredentials", true));
  }

  /** Head and body of the answer, header names in lower case. */
  private String ask(String line, String... headers) {
    try (RawClient client = gateway.raw()) {
      String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      client.send(line + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
      return client
          .answer()
          .lines()
          .map(text -> text.matches("[\\w-]+: .*")
              ? text.substring(0, text.indexOf(':')).toLowerCase(Locale.ROOT)
                  + text.substring(text.indexOf(':'))
              : text)
          .reduce("", (all, text) -> all + text + "\n");
    }
  }

  private String preflight(String path, String origin, String method, String... more) {
    String[] headers = new String[2 + more.length];
    headers[0] = "Origin: " + origin;
    headers[1] = "Access-Control-Request-Method: " + method;
    System.arraycopy(more, 0, headers, 2, more.length);
    return ask("OPTIONS " + path, headers);
  }

  @Test
  @DisplayName("may be any, by default, without credentials, and reads errors too")
  void everybody() {
    start(new JsonObject());
    for (String path : new String[] {"/health", "/sessions/unknown", "/nowhere", "/chat"}) {
      assertThat(ask("GET " + path, "Origin: " + APP))
          .contains("access-control-allow-origin: *\n")
          .contains("access-control-expose-headers: X-Request-ID, X-RateLimit-Limit,")
          .contains("Retry-After\n")
          .doesNotContain("credentials", "vary:");
    }
    assertThat(ask("GET /health", "Origin: null")).contains("access-control-allow-origin: *\n");
    assertThat(ask("GET /health")).doesNotContain("access-control-");
  }

  @Test
  @DisplayName("is told in a preflight what it may send")
  void preflights() {
    start(new JsonObject());
    assertThat(preflight(
            "/chat",
            APP,
            "POST",
            "Access-Control-Request-Headers: authorization,content-type, x-api-key"))
        .startsWith("HTTP/1.1 204")
        .contains("access-control-allow-origin: *\n")
        .contains("access-control-allow-methods: POST\n")
        .contains("access-control-allow-headers: authorization,content-type, x-api-key\n")
        .contains("access-control-max-age: 600\n")
        .contains("vary: Access-Control-Request-Headers\n");
    assertThat(preflight("/sessions/s1", APP, "DELETE"))
        .contains("access-control-allow-methods: DELETE, GET, HEAD\n");
    assertThat(preflight("/nowhere", APP, "POST"))
        .startsWith("HTTP/1.1 404")
        .contains("access-control-allow-origin: *\n");
    assertThat(preflight("/chat", APP, "POST", "Access-Control-Request-Headers: a b"))
        .startsWith("HTTP/1.1 204")
        .doesNotContain("access-control-allow-headers");
  }

  @Test
  @DisplayName("of a listed origin may send credentials, and caches keep the origins apart")
  void listed() {
    startFor(APP, "null");
    assertThat(ask("GET /health", "Origin: " + APP))
        .contains("access-control-allow-origin: " + APP + "\n")
        .contains("access-control-allow-credentials: true\n")
        .contains("vary: Origin\n");
    assertThat(ask("GET /health", "Origin: null")).contains("access-control-allow-origin: null\n");
    assertThat(ask("GET /health")).contains("vary: Origin\n").doesNotContain("access-control-");
    assertThat(preflight("/chat", APP, "POST"))
        .contains("vary: Origin, Access-Control-Request-Headers\n");
  }

  @Test
  @DisplayName("of another origin learns nothing")
  void foreign() {
    startFor(APP);
    for (String origin : new String[] {
      "https://evil.example.org",
      "http://app.example.org",
      APP + ":8443",
      APP + ".evil.org",
      "null",
      "https://APP.example.org",
      APP + "/",
      APP + "\r\nOrigin: " + APP,
      APP + "\r\nOrigin: https://e"
    }) {
      assertThat(ask("GET /health", "Origin: " + origin))
          .as(origin)
          .startsWith("HTTP/1.1 200")
          .contains("vary: Origin\n")
          .doesNotContain("access-control-");
    }
    assertThat(preflight("/chat", "https://evil.example.org", "POST"))
        .startsWith("HTTP/1.1 204")
        .doesNotContain("access-control-");
  }

  @Test
  @DisplayName("may be held to some methods and headers")
  void methodsAndHeaders() {
    start(new JsonObject()
        .put("allowMethods", new JsonArray().add("GET"))
        .put("allowHeaders", new JsonArray().add("X-API-Key"))
        .put("maxAgeSeconds", 5));
    assertThat(preflight("/chat", APP, "POST", "Access-Control-Request-Headers: x-other"))
        .contains("access-control-allow-methods: GET\n")
        .contains("access-control-allow-headers: X-API-Key\n")
        .contains("access-control-max-age: 5\n");
  }

  @Test
  @DisplayName("opens a WebSocket where CORS allows its origin, and gets 403 E013 elsewhere")
  void webSockets() {
    startFor(APP);
    assertThat(upgrade("https://evil.example.org"))
        .startsWith("HTTP/1.1 403")
        .contains("\"code\":\"E013\"", "CONSOUL_CORS_ORIGINS")
        .doesNotContain("access-control-");
    assertThat(upgrade("null")).startsWith("HTTP/1.1 403");
    assertThat(upgrade(APP)).startsWith("HTTP/1.1 101");
    gateway.socket("s1").close();
  }

  @Test
  @DisplayName("is refused in protected mode if it is not of this machine, whatever CORS says")
  void protectedMode() {
    gateway = RunningGateway.start(new JsonObject());
    assertThat(ask("GET /sessions", "Origin: " + APP))
        .startsWith("HTTP/1.1 403")
        .contains("\"code\":\"E013\"")
        .doesNotContain("access-control-");
    assertThat(ask("GET /health", "Origin: " + APP)).doesNotContain("access-control-");
    assertThat(preflight("/chat", APP, "POST"))
        .startsWith("HTTP/1.1 403")
        .doesNotContain("access-control-");
    assertThat(upgrade(APP)).startsWith("HTTP/1.1 403");

    assertThat(preflight("/chat", "http://localhost:3000", "POST"))
        .startsWith("HTTP/1.1 204")
        .contains("access-control-allow-origin: *\n");
    assertThat(upgrade("http://localhost:3000")).startsWith("HTTP/1.1 101");
  }

  private String upgrade(String origin) {
    return ask(
        "GET /ws/chat/s1",
        "Origin: " + origin,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13");
  }
}
