package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.ListSessions;
import io.consoul.message.Owner;
import io.consoul.message.SessionPage;
import io.consoul.message.Tenant;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An API key")
class ApiKeyTest {

  private static final String ACME = "sk-acme-0123456789";
  private static final String PLAIN = "sk-plain/0123456789+=";
  private static final String EXPIRED = "sk-expired-0123456789";
  private static final String WRONG = "sk-wrong-0123456789";

  private static RunningGateway gateway;
  private static ChatClient client;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start(configuration(acme(ACME), plain(), expired()));
    client = new ChatClient(gateway.vertx, gateway.port());
  }

  @AfterAll
  static void stop() {
    client.close();
    gateway.close();
  }

  @BeforeEach
  void answer() {
    gateway.apply(configuration(acme(ACME), plain(), expired()));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    gateway.session.on(
        ListSessions.class, list -> Future.succeededFuture(new SessionPage(List.of(), null)));
  }

  private static JsonObject configuration(JsonObject... keys) {
    return new JsonObject().put("auth", new JsonObject().put("keys", new JsonArray(List.of(keys))));
  }

  private static JsonObject acme(String key) {
    return new JsonObject().put("key", key).put("id", "acme-web").put("tenant", "acme");
  }

  private static JsonObject plain() {
    return new JsonObject().put("key", PLAIN).put("id", "plain");
  }

  private static JsonObject expired() {
    return new JsonObject().put("key", EXPIRED).put("expiresAt", "2020-01-01T00:00:00Z");
  }

  private static HttpAnswer chat(String message, Map<String, String> headers) {
    return client.chat("s1", message, headers);
  }

  private static BeginTurn begun(String message) {
    return gateway.session.received().await(BeginTurn.class, turn -> turn.text().equals(message));
  }

  private static void assertRefused(HttpAnswer answer, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(401);
    assertThat(answer.json().getString("code")).isEqualTo(code);
    assertThat(answer.headers().get("WWW-Authenticate")).startsWith("Bearer");
    assertThat(answer.text()).doesNotContain("sk-").doesNotContain(WRONG);
  }

  private static SocketClient connect(Map<String, String> headers, String... protocols) {
    return client.connect("/ws/chat/s1", headers, List.of(protocols));
  }

  private static UpgradeRejectedException refusedUpgrade(
      String path, Map<String, String> headers, String... protocols) {
    return catchThrowableOfType(
        UpgradeRejectedException.class, () -> client.connect(path, headers, List.of(protocols)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "X-API-Key, " + ACME,
    "x-api-key, ' " + ACME + " '",
    "Authorization, Bearer " + ACME,
    "Authorization, bearer  " + ACME,
    "authorization, BEARER " + ACME,
  })
  @DisplayName("is taken from its header and as a bearer token")
  void headers(String header, String value) {
    String message = header + value;
    assertThat(chat(message, Map.of(header, value)).status()).isEqualTo(200);

    assertThat(begun(message).tenant()).isEqualTo(new Tenant("acme"));
    assertThat(begun(message).owner()).isNull();
  }

  @Test
  @DisplayName("is taken from the query, decoded; a plus sign that was not encoded counts too")
  void query() {
    String encoded = URLEncoder.encode(PLAIN, UTF_8);
    assertThat(client.get("/sessions?api_key=" + encoded).status()).isEqualTo(200);
    assertThat(client.get("/sessions?limit=3&api_key=" + PLAIN).status()).isEqualTo(200);
    assertRefused(client.get("/sessions?api_key=" + WRONG), "E011");
    assertRefused(client.get("/sessions?api_key="), "E010");
    assertRefused(client.get("/sessions?api_key=%"), "E010");
  }

  @Test
  @DisplayName("without a tenant is in the default one, and lists its own sessions")
  void withoutTenant() {
    ChatClient plain = client.withHeader("X-API-Key", PLAIN);
    assertThat(plain.chat("s1", "of a plain key").status()).isEqualTo(200);
    assertThat(begun("of a plain key").tenant()).isEqualTo(Tenant.DEFAULT);
    assertThat(begun("of a plain key").owner()).isEqualTo(new Owner("plain"));

    assertThat(plain.get("/sessions?limit=7").status()).isEqualTo(200);
    ListSessions list =
        gateway.session.received().await(ListSessions.class, asked -> asked.limit() == 7);
    assertThat(list.tenant()).isEqualTo(Tenant.DEFAULT);
    assertThat(list.owner()).isEqualTo(new Owner("plain"));
  }

  @Test
  @DisplayName("is enough to list sessions, also behind a proxy")
  void listing() {
    Map<String, String> headers = Map.of("X-API-Key", ACME, "X-Forwarded-For", "10.0.0.1");
    assertThat(client.get("/sessions", headers).status()).isEqualTo(200);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "/sessions",
        "/sessions/s1",
        "/sessions/s1/messages",
        "/chat/stream/t",
        "/ws/chat/s1",
        "/nowhere",
        "/health/",
        "/Health",
        "//health",
        "/health%2F..%2Fsessions",
      })
  @DisplayName("is required at every path but the open ones")
  void required(String path) {
    assertRefused(client.get(path), "E010");
    assertRefused(client.post(path, "{}", Map.of()), "E010");
  }

  @Test
  @DisplayName("is not required at the open paths")
  void open() {
    assertThat(client.get("/health").status()).isEqualTo(200);
    assertThat(client.get("/ready").status()).isEqualTo(200);
    assertThat(client.get("/openapi.json").status()).isNotEqualTo(401);
    assertThat(client.get("/health", Map.of("X-API-Key", WRONG)).status()).isEqualTo(200);
  }

  @Test
  @DisplayName("is asked for in a message that says where to put it")
  void message() {
    assertThat(chat("hello", Map.of()).json().getString("message"))
        .contains("X-API-Key")
        .contains("Authorization: Bearer");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "X-API-Key, " + WRONG,
    "X-API-Key, sk-acme-012345678",
    "X-API-Key, SK-ACME-0123456789",
    "X-API-Key, '" + ACME + "," + PLAIN + "'",
    "Authorization, Bearer " + WRONG,
    "Authorization, Bearer",
    "Authorization, " + ACME,
    "Authorization, Basic " + ACME,
    "Authorization, Bearer " + ACME + " " + ACME,
    "Authorization, Bearer" + ACME,
  })
  @DisplayName("that is wrong is E011")
  void wrong(String header, String value) {
    assertRefused(chat("hello", Map.of(header, value)), "E011");
  }

  @Test
  @DisplayName("that has expired is E012")
  void expiredKey() {
    assertRefused(chat("hello", Map.of("X-API-Key", EXPIRED)), "E012");
  }

  @Test
  @DisplayName("may be sent twice, but not beside another one")
  void several() {
    Map<String, String> same = Map.of("X-API-Key", ACME, "Authorization", "Bearer " + ACME);
    assertThat(chat("hello", same).status()).isEqualTo(200);
    Map<String, String> proxys = Map.of("X-API-Key", ACME, "Authorization", "Basic dTpw");
    assertThat(chat("hello", proxys).status()).isEqualTo(200);

    Map<String, String> both = Map.of("X-API-Key", ACME, "Authorization", "Bearer " + PLAIN);
    assertRefused(chat("hello", both), "E011");
    assertRefused(client.get("/sessions?api_key=" + WRONG, Map.of("X-API-Key", ACME)), "E011");
    assertRefused(client.get("/sessions?api_key=" + WRONG + "&api_key=" + ACME), "E011");
  }

  @Test
  @DisplayName("is taken from where the configuration says")
  void otherPlaces() {
    JsonObject json = configuration(acme(ACME));
    json.getJsonObject("auth")
        .put("header", "X-Token")
        .put("query", "token")
        .put("bypassPaths", new JsonArray().add("/sessions"));
    gateway.apply(json);

    assertThat(chat("hello", Map.of("X-Token", ACME)).status()).isEqualTo(200);
    assertThat(client.get("/sessions/s1?token=" + ACME).status()).isNotEqualTo(401);
    assertThat(client.get("/sessions").status()).isEqualTo(200);
    assertThat(chat("hello", Map.of("X-API-Key", ACME)).json().getString("message"))
        .contains("X-Token");
    assertThat(client.get("/health").status()).isEqualTo(200);
  }

  @Test
  @DisplayName("may be left out where anonymous callers are served, but not be wrong")
  void anonymous() {
    gateway.apply(configuration(acme(ACME)).put("allowAnonymous", true));

    assertThat(chat("of nobody", Map.of("X-Forwarded-For", "10.0.0.1")).status())
        .isEqualTo(200);
    assertThat(begun("of nobody").tenant()).isEqualTo(Tenant.DEFAULT);
    assertThat(chat("of acme", Map.of("X-API-Key", ACME)).status()).isEqualTo(200);
    assertThat(begun("of acme").tenant()).isEqualTo(new Tenant("acme"));
    assertRefused(chat("hello", Map.of("X-API-Key", WRONG)), "E011");
    assertThat(client.get("/sessions").status()).isEqualTo(200);
    assertThat(client.get("/sessions", Map.of("X-Forwarded-For", "10.0.0.1")).status())
        .isEqualTo(403);
  }

  @Test
  @DisplayName("is not looked at while there are none: a client that always sends one is served")
  void noKeys() {
    gateway.apply(new JsonObject());

    assertThat(chat("hello", Map.of("Authorization", "Bearer anything")).status())
        .isEqualTo(200);
    assertThat(chat("hello", Map.of("X-API-Key", ACME, "X-Forwarded-For", "10.0.0.1"))
            .status())
        .isEqualTo(403);
  }

  @Test
  @DisplayName("is replaced by another one of the same id without a gap")
  void rotation() {
    gateway.apply(configuration(acme(ACME), acme("sk-acme-next-012345")));
    assertThat(chat("hello", Map.of("X-API-Key", ACME)).status()).isEqualTo(200);
    assertThat(chat("hello", Map.of("X-API-Key", "sk-acme-next-012345")).status())
        .isEqualTo(200);

    gateway.apply(configuration(acme("sk-acme-next-012345")));
    assertRefused(chat("hello", Map.of("X-API-Key", ACME)), "E011");
    assertThat(chat("hello", Map.of("X-API-Key", "sk-acme-next-012345")).status())
        .isEqualTo(200);
  }

  @Test
  @DisplayName("opens a WebSocket by header, bearer token and query")
  void socket() {
    for (SocketClient socket : List.of(
        connect(Map.of("X-API-Key", ACME)),
        connect(Map.of("Authorization", "Bearer " + ACME)),
        client.connect("/ws/chat/s1?api_key=" + ACME, Map.of(), List.of()),
        connect(Map.of("X-API-Key", ACME), "consoul.v1"))) {
      socket.say("on a socket").await("done");
      socket.close();
    }
    assertThat(begun("on a socket").tenant()).isEqualTo(new Tenant("acme"));
  }

  @Test
  @DisplayName("opens a WebSocket by subprotocol, of which only ours is given back")
  void subprotocol() {
    RawClient raw = gateway.raw();
    String head = raw.send("GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: consoul.v1, api-key." + ACME
            + "\r\n\r\n")
        .head();
    raw.close();
    assertThat(head.toLowerCase())
        .startsWith("http/1.1 101")
        .contains("\r\nsec-websocket-protocol: consoul.v1\r\n")
        .doesNotContain("api-key", "sk-");

    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(PLAIN.getBytes(UTF_8));
    try (SocketClient socket = connect(Map.of(), "api-key-b64." + encoded, "consoul.v1")) {
      socket.say("encoded").await("done");
      assertThat(begun("encoded").owner()).isEqualTo(new Owner("plain"));
    }
  }

  @Test
  @DisplayName("that is missing or wrong refuses the upgrade, and the query too")
  void refusedSocket() {
    assertThat(List.of(
            refusedUpgrade("/ws/chat/s1", Map.of()),
            refusedUpgrade("/ws/chat/s1", Map.of(), "consoul.v1"),
            refusedUpgrade("/ws/chat/s1", Map.of("X-API-Key", WRONG)),
            refusedUpgrade("/ws/chat/s1", Map.of("Authorization", "Bearer " + EXPIRED)),
            refusedUpgrade("/ws/chat/s1?api_key=" + WRONG, Map.of())))
        .allSatisfy(refusal -> {
          assertThat(refusal.getStatus()).isEqualTo(401);
          assertThat(refusal.getBody().toString()).contains("E01").doesNotContain("sk-");
        });
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "api-key." + WRONG,
        "api-key." + EXPIRED,
        "api-key.",
        "api-key-b64.!",
        "api-key-b64."
      })
  @DisplayName(
      "that is wrong in the subprotocol closes the WebSocket with 1008, which a browser sees")
  void refusedSubprotocol(String protocol) {
    String offered = "Sec-WebSocket-Protocol: consoul.v1, " + protocol + "\r\n";
    try (RawClient raw = gateway.raw()) {
      assertThat(raw.upgrade("/ws/chat/s1", offered).closeCode()).isEqualTo(1008);
    }
    awaitNothingOpen();
  }

  @Test
  @DisplayName("in the subprotocol is no way around protected mode, and is not blamed for it")
  void subprotocolInProtectedMode() {
    gateway.apply(new JsonObject());

    assertThat(refusedUpgrade(
                "/ws/chat/s1",
                Map.of("X-Forwarded-For", "10.0.0.1"),
                "consoul.v1",
                "api-key." + ACME)
            .getStatus())
        .isEqualTo(403);
  }

  @Test
  @DisplayName("that is withdrawn closes its WebSockets within seconds, and no others")
  void withdrawn() {
    gateway.apply(configuration(acme(ACME), acme("sk-acme-next-012345"), plain()));
    try (SocketClient old = connect(Map.of("X-API-Key", ACME));
        SocketClient next = connect(Map.of("X-API-Key", "sk-acme-next-012345"));
        SocketClient other = connect(Map.of("X-API-Key", PLAIN))) {
      gateway.apply(configuration(acme("sk-acme-next-012345"), plain()));

      old.awaitClose();
      assertThat(old.closeCode()).isEqualTo(1008);
      assertThat(old.closeReason()).isEqualTo("Authentication required");
      next.say("still there").await("done");
      other.say("me too").await("done");
    }
  }

  @Test
  @DisplayName("that moves to another tenant closes its WebSockets, which are of the former one")
  void moved() {
    try (SocketClient socket = connect(Map.of("X-API-Key", ACME))) {
      gateway.apply(configuration(acme(ACME).put("tenant", "other")));
      socket.awaitClose();
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  @DisplayName("that is withdrawn is not served one more message on its open WebSocket")
  void withdrawnAtOnce() {
    try (RawClient raw = gateway.raw()) {
      raw.upgrade("/ws/chat/s1", "X-API-Key: " + ACME + "\r\n");
      withdraw();
      raw.text("{\"type\":\"message\",\"content\":\"too late\"}");
      assertThat(raw.closeCode()).isEqualTo(1008);
    }
    awaitNothingOpen();
    assertThat(gateway.session.received().all(BeginTurn.class))
        .noneMatch(turn -> turn.text().equals("too late"));
  }

  @Test
  @DisplayName("that expires closes its WebSockets")
  void expires() {
    try (SocketClient socket = connect(Map.of("X-API-Key", ACME))) {
      acmeExpires();
      socket.awaitClose();
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
    assertRefused(chat("hello", Map.of("X-API-Key", ACME)), "E012");
  }

  /** One after which nothing comes. */
  private static void answerBegins() {
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello")));
  }

  private static void withdraw() {
    gateway.apply(configuration(plain(), expired()));
  }

  /** Not at once: nothing changes when it does. */
  private static void acmeExpires() {
    Instant soon = gateway.node.clock().instant().plusMillis(100);
    gateway.apply(configuration(acme(ACME).put("expiresAt", soon.toString()), plain()));
  }

  private static void awaitNothingOpen() {
    await().until(() -> gateway.edge.connections() == 0 && gateway.edge.requests() == 0);
  }

  @Test
  @DisplayName("that is withdrawn ends its streams with an error event, and no others")
  void withdrawnInStream() {
    answerBegins();
    EventStream stream = client.stream("s1", "streamed", Map.of("X-API-Key", ACME));
    EventStream other = client.stream("s2", "streamed too", Map.of("X-API-Key", PLAIN));
    assertThat(stream.awaitFirstToken().json().getString("text")).isEqualTo("Hello");
    other.awaitFirstToken();

    withdraw();

    stream.awaitEnd();
    assertThat(stream.await("error").json().getString("code")).isEqualTo("E011");
    assertThat(other.ended()).isFalse();
    other.abort();
    awaitNothingOpen();
  }

  @Test
  @DisplayName("that is withdrawn ends its streams of /v1 in OpenAI's words")
  void withdrawnOnV1() {
    answerBegins();
    JsonObject body = new JsonObject()
        .put("stream", true)
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "v1")));
    EventStream stream = client.stream(
        "/v1/chat/completions",
        body,
        Map.of("Authorization", "Bearer " + ACME, "X-Session-ID", "s1"));
    await().until(() -> stream.events().size() >= 2); // the role, and the word

    withdraw();

    stream.awaitEnd();
    assertThat(stream.events())
        .anySatisfy(event -> assertThat(event.data()).contains("\"error\"", "E011"))
        .noneSatisfy(event -> assertThat(event.data()).contains("finish_reason\":\"stop"));
    awaitNothingOpen();
  }

  @Test
  @DisplayName("that is withdrawn or expires while its answer is awaited gets 401 instead")
  void withdrawnWhileAwaited() throws Exception {
    answerBegins();
    Future<HttpAnswer> withdrawn =
        client.withHeader("X-API-Key", ACME).beginChat("s1", "awaited until withdrawn");
    begun("awaited until withdrawn");
    withdraw();
    assertRefused(withdrawn.await(10, SECONDS), "E011");

    gateway.apply(configuration(acme(ACME)));
    Future<HttpAnswer> expiring =
        client.withHeader("X-API-Key", ACME).beginChat("s1", "awaited until expired");
    begun("awaited until expired");
    acmeExpires();
    assertRefused(expiring.await(10, SECONDS), "E012");
    awaitNothingOpen();
  }

  @Test
  @DisplayName("that is withdrawn in the middle of a batch frees the batch's session")
  void withdrawnInBatch() throws Exception {
    answerBegins();
    JsonObject batch = new JsonObject()
        .put("session_id", "s1")
        .put(
            "messages",
            new JsonArray()
                .add(new JsonObject().put("content", "first of a batch"))
                .add(new JsonObject().put("content", "second of a batch")));
    Future<HttpAnswer> answer =
        client.begin(HttpMethod.POST, "/chat/batch", Map.of("X-API-Key", ACME), batch.toBuffer());
    begun("first of a batch");

    withdraw();

    assertRefused(answer.await(10, SECONDS), "E011");
    EndBatch end = gateway.session.received().await(EndBatch.class, any -> true);
    assertThat(end.tenant()).isEqualTo(new Tenant("acme"));
    assertThat(gateway.session.received().all(BeginTurn.class))
        .noneMatch(turn -> turn.text().equals("second of a batch"));
  }

  @Test
  @DisplayName("that is withdrawn before the body is there has its request refused")
  void withdrawnBeforeBody() {
    RawClient raw = gateway.raw();
    String body = "{\"session_id\":\"s1\",\"message\":\"of a late body\"}";
    raw.send("POST /chat HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + ACME
        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n");
    await().until(() -> gateway.edge.requests() == 1);

    withdraw();

    assertThat(raw.head()).startsWith("HTTP/1.1 401");
    raw.send(body);
    assertThat(chat("after the late body", Map.of("X-API-Key", PLAIN)).status()).isEqualTo(200);
    assertThat(gateway.session.received().all(BeginTurn.class))
        .noneMatch(turn -> turn.text().equals("of a late body"));
    raw.close();
  }

  @Test
  @DisplayName("is not missed on a WebSocket where none is asked for, whatever else changes")
  void bypassedSocket() {
    JsonArray paths = new JsonArray().add("/ws/chat/s1");
    JsonObject before = configuration(acme(ACME));
    before.getJsonObject("auth").put("bypassPaths", paths);
    JsonObject after = configuration(plain());
    after.getJsonObject("auth").put("bypassPaths", paths);
    gateway.apply(before);
    try (SocketClient socket = connect(Map.of())) {
      gateway.apply(after);
      socket.say("of nobody").await("done");

      gateway.apply(new JsonObject()); // protected mode, which it was not let in by
      socket.awaitClose();
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  @DisplayName("closes the WebSockets of anonymous callers when it becomes required")
  void anonymousSocket() {
    gateway.apply(new JsonObject());
    try (SocketClient socket = connect(Map.of())) {
      gateway.apply(configuration(acme(ACME)));
      socket.awaitClose();
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  @DisplayName("is counted under its id, also after it is gone, and a wrong one is not")
  void metrics() {
    double before = requests("plain");
    chat("hello", Map.of("X-API-Key", PLAIN));
    chat("hello", Map.of("X-API-Key", WRONG));
    assertThat(requests("plain")).isEqualTo(before + 1);
    assertThat(gateway
            .node
            .meters()
            .get("consoul_api_key_last_used_timestamp")
            .tag("api_key_id", "plain")
            .gauge()
            .value())
        .isCloseTo(
            gateway.node.clock().instant().getEpochSecond(),
            org.assertj.core.data.Offset.offset(30.0));

    gateway.apply(configuration(acme(ACME).put("id", "added")));
    assertThat(requests("plain")).isEqualTo(before + 1);
    assertThat(requests("added")).isZero();
  }

  private static double requests(String id) {
    return gateway
        .node
        .meters()
        .get("consoul_api_key_requests")
        .tag("api_key_id", id)
        .functionCounter()
        .count();
  }
}
