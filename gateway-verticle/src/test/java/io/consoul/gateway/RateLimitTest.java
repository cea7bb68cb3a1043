package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A gateway with rate limits")
class RateLimitTest {

  private RunningGateway gateway;

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void start(String limits) {
    gateway = RunningGateway.start(
        new JsonObject().put("rateLimit", new JsonObject().put("defaultLimits", limits)));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  private static int remaining(HttpResponse<?> response) {
    return Integer.parseInt(header(response, "X-RateLimit-Remaining"));
  }

  private static String code(HttpResponse<String> response) {
    return new JsonObject(response.body()).getString("code");
  }

  private HttpResponse<String> batch(int messages) {
    JsonArray list = new JsonArray();
    for (int i = 0; i < messages; i++) {
      list.add(new JsonObject().put("role", "user").put("content", "message " + i));
    }
    return gateway.send(gateway.chat(
        "/chat/batch", new JsonObject().put("session_id", "s1").put("messages", list)));
  }

  @Test
  @DisplayName("tells on every answer how the limit stands, and when to come again")
  void headers() {
    start("4/hour");
    HttpResponse<String> answered = gateway.postChat("hi");
    assertThat(answered.statusCode()).isEqualTo(200);
    assertThat(header(answered, "X-RateLimit-Limit")).isEqualTo("4");
    assertThat(header(answered, "X-RateLimit-Remaining")).isEqualTo("3");
    assertThat(header(answered, "X-RateLimit-Reset")).isEqualTo("3600");

    HttpResponse<String> malformed = gateway.send(gateway.chat("/chat", new JsonObject()));
    assertThat(malformed.statusCode()).isEqualTo(422);
    assertThat(remaining(malformed)).isEqualTo(2);

    HttpResponse<String> streamed = gateway.postStream("hi");
    assertThat(streamed.body()).contains("event: done");
    assertThat(remaining(streamed)).isEqualTo(1);

    HttpResponse<String> wrongType =
        gateway.send(gateway.request("/sessions").POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertThat(wrongType.statusCode()).isEqualTo(415);
    assertThat(remaining(wrongType)).isZero();

    HttpResponse<String> noStream = gateway.postStream("hi");
    assertThat(noStream.statusCode()).isEqualTo(429);
    assertThat(header(noStream, "Content-Type")).isEqualTo("application/json");
    assertThat(code(noStream)).isEqualTo("E020");

    HttpResponse<String> refused = gateway.postChat("hi");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(header(refused, "X-RateLimit-Limit")).isEqualTo("4");
    assertThat(remaining(refused)).isZero();
    int wait = Integer.parseInt(header(refused, "Retry-After"));
    assertThat(wait).isBetween(3_590, 3_600);
    JsonObject body = new JsonObject(refused.body());
    assertThat(body.getString("code")).isEqualTo("E020");
    assertThat(body.getString("error")).isEqualTo("rate_limit_exceeded");
    assertThat(body.getInteger("retry_after")).isEqualTo(wait);
    assertThat(body.getString("message"))
        .isEqualTo("The limit of 4 requests is used up; try again in " + wait + " s.");
    assertThat(gateway
            .node
            .meters()
            .get("consoul.rate.limited")
            .tag("tier", "default")
            .counter()
            .count())
        .isEqualTo(2);
  }

  @Test
  @DisplayName(
      "does not count what has no limit: health, readiness, following and cancelling a turn")
  void unlimited() {
    start("1/hour");
    assertThat(gateway.postChat("hi").statusCode()).isEqualTo(200);
    assertThat(gateway.postChat("hi").statusCode()).isEqualTo(429);
    for (String path : List.of("/health", "/ready", "/chat/stream/none")) {
      HttpResponse<String> response = gateway.get(path);
      assertThat(response.statusCode()).as(path).isNotEqualTo(429);
      assertThat(header(response, "X-RateLimit-Limit")).as(path).isNull();
    }
    assertThat(new JsonObject(gateway.get("/ready").body())
            .getJsonObject("checks")
            .getString("rate_limit_store"))
        .isEqualTo("memory");
  }

  @Test
  @DisplayName("counts all endpoints that have a limit together")
  void together() {
    start("100/hour");
    List<HttpRequest.Builder> requests = List.of(
        gateway.chat("/chat", body("hi")),
        gateway.chat("/chat/stream", body("hi")),
        gateway.chat("/chat/batch", new JsonObject()),
        gateway.chat("/sessions", new JsonObject().put("session_id", 5)),
        gateway.request("/sessions?limit=none"),
        gateway.request("/sessions/%0a"),
        gateway.request("/sessions/%0a").DELETE(),
        gateway.request("/sessions/%0a/messages"));
    for (int i = 0; i < requests.size(); i++) {
      assertThat(remaining(gateway.send(requests.get(i)))).isEqualTo(99 - i);
    }
  }

  @Test
  @DisplayName("lets of many requests at once exactly the limit through")
  void atOnce() {
    start("10/hour");
    List<CompletableFuture<HttpResponse<String>>> responses = IntStream.range(0, 30)
        .mapToObj(i -> gateway.sending(gateway.chat("/chat", body("hi"))))
        .toList();
    List<Integer> statuses = responses.stream()
        .map(response -> response.orTimeout(20, TimeUnit.SECONDS).join().statusCode())
        .toList();
    assertThat(statuses).filteredOn(status -> status == 200).hasSize(10);
    assertThat(statuses).filteredOn(status -> status == 429).hasSize(20);
  }

  private HttpResponse<String> chatWith(String key) {
    return gateway.send(gateway.chat("/chat", body("hi")).header("X-API-Key", key));
  }

  private static JsonObject key(String key, String id) {
    return new JsonObject().put("key", key).put("id", id).put("tenant", "acme");
  }

  @Test
  @DisplayName("counts by keys, those of one id together, and has limits of their own for tiers")
  void keys() {
    JsonArray keys = new JsonArray()
        .add(key("the-old-key-of-the-shop", "shop").put("tier", "gold"))
        .add(key("the-new-key-of-the-shop", "shop").put("tier", "gold"))
        .add(key("the-key-of-the-office", "office"));
    JsonObject limits = new JsonObject()
        .put("defaultLimits", "1/hour")
        .put("tiers", new JsonObject().put("gold", "2/hour"));
    gateway = RunningGateway.start(
        new JsonObject().put("auth", new JsonObject().put("keys", keys)).put("rateLimit", limits));
    gateway.session.answering(begin -> List.of(completed(begin, 0)));

    assertThat(remaining(chatWith("the-old-key-of-the-shop"))).isEqualTo(1);
    assertThat(remaining(chatWith("the-new-key-of-the-shop"))).isZero();
    HttpResponse<String> ofTheTier = chatWith("the-old-key-of-the-shop");
    assertThat(ofTheTier.statusCode()).isEqualTo(429);
    assertThat(code(ofTheTier)).isEqualTo("E021");
    assertThat(new JsonObject(ofTheTier.body()).getString("message"))
        .startsWith("The limit of this key's tier, 2 requests, is used up; try again in ");
    assertThat(chatWith("the-key-of-the-office").statusCode()).isEqualTo(200);
    assertThat(code(chatWith("the-key-of-the-office"))).isEqualTo("E020");

    HttpResponse<String> unknown = chatWith("the-key-of-nobody");
    assertThat(unknown.statusCode()).isEqualTo(401);
    assertThat(header(unknown, "X-RateLimit-Limit")).isNull();
  }

  @Test
  @DisplayName(
      "charges a batch for each of its messages before any of them runs, or refuses it whole")
  void batches() {
    start("5/hour");
    assertThat(remaining(batch(3))).isEqualTo(2);
    HttpResponse<String> refused = batch(3);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(remaining(refused)).isEqualTo(2);
    assertThat(gateway.session.received().all(BeginTurn.class)).hasSize(3);
    assertThat(batch(1).statusCode()).isEqualTo(200);
    HttpResponse<String> malformed = batch(0);
    assertThat(malformed.statusCode()).isEqualTo(422);
    assertThat(remaining(malformed)).isZero();
    assertThat(batch(0).statusCode()).isEqualTo(429);
  }

  @Test
  @DisplayName("tells who sends a batch above the limit that no waiting helps")
  void batchAboveTheLimit() {
    start("5/hour");
    HttpResponse<String> refused = batch(6);
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(code(refused)).isEqualTo("E003");
    assertThat(new JsonObject(refused.body()).getJsonObject("details").getString("field"))
        .isEqualTo("messages");
    assertThat(header(refused, "X-RateLimit-Limit")).isEqualTo("5");
    assertThat(remaining(refused)).as("it costs as much as any other request").isEqualTo(4);
    assertThat(gateway.session.received().all(BeginTurn.class)).isEmpty();
  }

  @Test
  @DisplayName(
      "charges each message on a WebSocket, refuses those above the limit, and keeps it open")
  void socket() {
    start("3/hour");
    gateway.session.answering(begin ->
        List.of(delta(begin, 0, begin.text()), completed(begin, begin.text().length())));
    try (TestSocket socket = gateway.socket("s1")) {
      for (int i = 0; i < 3; i++) {
        socket.say("message " + i);
        assertThat(socket.answer()).isEqualTo("message " + i);
      }
      socket.say("one too many");
      JsonObject refused = socket.next("error");
      assertThat(refused.getString("code")).isEqualTo("E020");
      assertThat(refused.getInteger("retry_after")).isBetween(3_590, 3_600);
      socket.send("{\"type\":\"ping\"}");
      assertThat(socket.next().getString("type")).isEqualTo("pong");
      assertThat(gateway.postChat("hi").statusCode()).as("HTTP counts with it").isEqualTo(429);
    }
    assertThat(gateway.session.received().all(BeginTurn.class)).hasSize(3);
  }

  @Test
  @DisplayName(
      "answers a refused request whose body is still to come, and keeps small ones' connection")
  void bodyToCome() {
    start("1/hour");
    gateway.postChat("hi");
    String body = body("hi").encode();
    try (RawClient client = gateway.raw()) {
      for (int i = 0; i < 2; i++) {
        client.send("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: " + body.length() + "\r\n\r\n");
        client.send(body);
        assertThat(client.answer()).startsWith("HTTP/1.1 429").contains("E020");
      }
    }
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
  }

  @Test
  @DisplayName("takes over other limits while it runs, and does not forget what was charged")
  void reloaded() {
    start("2/hour");
    gateway.postChat("hi");
    gateway.postChat("hi");
    assertThat(gateway.postChat("hi").statusCode()).isEqualTo(429);
    gateway.apply(
        new JsonObject().put("rateLimit", new JsonObject().put("defaultLimits", "4/hour")));
    assertThat(remaining(gateway.postChat("hi"))).isEqualTo(1);
    gateway.apply(new JsonObject().put("rateLimit", new JsonObject().put("enabled", false)));
    HttpResponse<String> unlimited = gateway.postChat("hi");
    assertThat(header(unlimited, "X-RateLimit-Limit")).isNull();
    assertThat(gateway.get("/ready").body()).doesNotContain("rate_limit_store");
  }

  private HttpResponse<String> choices(int choices) {
    return gateway.send(
        gateway.chat("/v1/chat/completions", V1CompletionsTest.body().put("n", choices)));
  }

  @Test
  @DisplayName("charges /v1 for each choice, and tells in its words when there is room for all")
  void choices() {
    start("5/hour");
    HttpResponse<String> aboveTheLimit = choices(6);
    assertThat(aboveTheLimit.statusCode()).isEqualTo(400);
    assertThat(new JsonObject(aboveTheLimit.body()).getJsonObject("error").getString("param"))
        .isEqualTo("n");
    assertThat(header(aboveTheLimit, "retry-after-ms")).isNull();
    assertThat(header(aboveTheLimit, "x-ratelimit-limit-requests")).isEqualTo("5");

    HttpResponse<String> noRoom = choices(5);
    assertThat(noRoom.statusCode()).isEqualTo(429);
    assertThat(new JsonObject(noRoom.body()).getJsonObject("error").getString("code"))
        .isEqualTo("E020");
    long wait = Long.parseLong(header(noRoom, "retry-after-ms"));
    assertThat(wait)
        .as("the one that is paid at the door has to find room again, too")
        .isBetween(3_590_000L, 3_600_000L);
    assertThat(header(noRoom, "Retry-After")).isEqualTo("" + (wait + 999) / 1_000);
    assertThat(header(noRoom, "x-ratelimit-reset-requests")).startsWith("59m5").endsWith("s");
  }

  @Test
  @DisplayName("charges HEAD like GET, and neither what a browser asks before nor a wrong method")
  void methods() {
    start("9/hour");
    HttpResponse<String> head =
        gateway.send(gateway.request("/sessions?limit=none").method("HEAD", noBody()));
    assertThat(remaining(head)).isEqualTo(8);
    for (String method : List.of("OPTIONS", "PUT")) {
      HttpResponse<String> other =
          gateway.send(gateway.request("/sessions").method(method, noBody()));
      assertThat(header(other, "X-RateLimit-Limit")).as(method).isNull();
    }
    assertThat(remaining(gateway.get("/sessions?limit=none"))).isEqualTo(7);
  }

  private static HttpRequest.BodyPublisher noBody() {
    return HttpRequest.BodyPublishers.noBody();
  }

  private static JsonObject withTier(String tier, JsonObject tiers) {
    JsonObject key = key("the-key-of-the-shop-1", "shop").put("tier", tier);
    return new JsonObject()
        .put("auth", new JsonObject().put("keys", JsonArray.of(key)))
        .put("rateLimit", new JsonObject().put("defaultLimits", "9/hour").put("tiers", tiers));
  }

  @Test
  @DisplayName("takes over another tier of a key for the sockets that are open, too")
  void otherTier() {
    JsonObject tiers = new JsonObject().put("gold", "5/hour").put("iron", "2/hour");
    gateway = RunningGateway.start(withTier("gold", tiers));
    gateway.session.answering(begin -> List.of(completed(begin, 0)));
    try (TestSocket socket = gateway.socket("s1?api_key=the-key-of-the-shop-1")) {
      socket.say("of gold");
      socket.next("done");
      gateway.apply(withTier("iron", tiers));
      socket.say("of iron");
      socket.next("done");
      socket.say("one too many");
      assertThat(socket.next("error").getString("message"))
          .startsWith("The limit of this key's tier, 2 requests, is used up");
      gateway.apply(withTier(null, new JsonObject()));
      socket.say("of none");
      socket.next("done");
    }
  }
}
