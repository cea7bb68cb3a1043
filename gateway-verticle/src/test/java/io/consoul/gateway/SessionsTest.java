package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.ChatMessage;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.FinishReason;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Sessions at the gateway")
class SessionsTest {

  private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.123456Z");
  private static final TurnId TURN = TurnId.mint(new SessionId("s1"), RandomGenerator.getDefault());

  private RunningGateway gateway = RunningGateway.start();

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static SessionInfo info(String id, TurnId inProgress) {
    return new SessionInfo(
        new SessionId(id),
        "m1",
        CREATED,
        CREATED.plusSeconds(1),
        CREATED.plusSeconds(3600),
        2,
        new Usage(3, 4, 0, false),
        new Settings("Be kind.", 0.5, 10),
        Map.of("k", "v"),
        inProgress);
  }

  private HttpResponse<String> create(String body) {
    return gateway.send(gateway.chat("/sessions", new JsonObject(body)));
  }

  @Test
  @DisplayName("are made with what the caller sets, and answered with 201 and all there is to know")
  void create() {
    gateway.session.on(CreateSession.class, create -> Future.succeededFuture(info("s1", null)));
    HttpResponse<String> made = create("{\"session_id\":\"s1\",\"model\":\"m1\",\"system_prompt\":"
        + "\"Be kind.\",\"temperature\":0.5,\"max_tokens\":10,\"metadata\":{\"k\":\"v\"}}");

    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    assertThat(new JsonObject(made.body()))
        .isEqualTo(new JsonObject("{\"session_id\":\"s1\",\"model\":\"m1\","
            + "\"created_at\":\"2026-01-02T03:04:05.123Z\",\"updated_at\":\"2026-01-02T03:04:06.123Z\","
            + "\"expires_at\":\"2026-01-02T04:04:05.123Z\",\"turns\":2,"
            + "\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7,\"estimated_cost\":0.0},"
            + "\"system_prompt\":\"Be kind.\",\"temperature\":0.5,\"max_tokens\":10,"
            + "\"metadata\":{\"k\":\"v\"},\"turn_in_progress\":null}"));
    CreateSession asked = gateway.session.received().await(CreateSession.class);
    assertThat(asked.session()).isEqualTo(new SessionId("s1"));
    assertThat(asked.model()).isEqualTo("m1");
    assertThat(asked.settings()).isEqualTo(new Settings("Be kind.", 0.5, 10));
    assertThat(asked.metadata()).isEqualTo(Map.of("k", "v"));
  }

  @Test
  @DisplayName("get a name of ours where the caller gives none, also without a body")
  void createWithoutBody() {
    gateway.session.on(
        CreateSession.class,
        create -> Future.succeededFuture(info(create.session().value(), null)));
    HttpResponse<String> made =
        gateway.send(gateway.request("/sessions").POST(BodyPublishers.noBody()));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    assertThat(new JsonObject(made.body()).getString("session_id")).hasSizeGreaterThan(20);
    assertThat(gateway.session.received().await(CreateSession.class).settings())
        .isEqualTo(Settings.NONE);
  }

  @Test
  @DisplayName("are 409 E103 where one of this name exists")
  void exists() {
    gateway.session.on(
        CreateSession.class, create -> Future.failedFuture(Fault.SESSION_EXISTS.because()));
    assertThat(create("{\"session_id\":\"s1\"}").statusCode()).isEqualTo(409);
  }

  @ParameterizedTest
  @DisplayName("are not made of what is wrong, and the field is named")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"session_id\":\"\"} | E004 | session_id",
        "{\"session_id\":7} | E003 | session_id",
        "{\"model\":\"\"} | E003 | model",
        "{\"system_prompt\":7} | E003 | system_prompt",
        "{\"temperature\":\"hot\"} | E003 | temperature",
        "{\"temperature\":2.1} | E003 | temperature",
        "{\"temperature\":-1} | E003 | temperature",
        "{\"temperature\":1e999} | E003 | temperature",
        "{\"max_tokens\":0} | E003 | max_tokens",
        "{\"max_tokens\":1000001} | E003 | max_tokens",
        "{\"max_tokens\":1.5} | E003 | max_tokens",
        "{\"metadata\":[]} | E003 | metadata",
        "{\"metadata\":{\"k\":7}} | E003 | metadata.k",
        "{\"metadata\":{\"k\":null}} | E002 | metadata.k",
        "{\"metadata\":{\"\":\"v\"}} | E003 | metadata",
        "{\"metadata\":{\"\\ud800\":\"v\"}} | E001 |",
      })
  void validation(String body, String code, String field) {
    HttpResponse<String> response = gateway.send(gateway
        .request("/sessions")
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body)));
    JsonObject error = new JsonObject(response.body());
    assertThat(error.getString("code")).as(error.encode()).isEqualTo(code);
    if (field == null) {
      assertThat(error.getValue("details")).isNull();
    } else {
      assertThat(error.getJsonObject("details").getString("field")).isEqualTo(field);
    }
    assertThat(gateway.session.received().all()).isEmpty();
  }

  @Test
  @DisplayName("are listed page by page")
  void list() {
    gateway.session.on(
        ListSessions.class,
        list -> Future.succeededFuture(new SessionPage(List.of(info("s1", null)), "next")));
    JsonObject page = new JsonObject(
        gateway.get("/sessions?namespace=shop&limit=7&cursor=abc%3D").body());
    assertThat(page.getString("next_cursor")).isEqualTo("next");
    assertThat(page.getJsonArray("sessions").getJsonObject(0).fieldNames())
        .containsExactlyInAnyOrder(
            "session_id", "model", "created_at", "updated_at", "expires_at", "turns", "usage");
    ListSessions asked = gateway.session.received().await(ListSessions.class);
    assertThat(asked.namespace()).isEqualTo("shop");
    assertThat(asked.limit()).isEqualTo(7);
    assertThat(asked.cursor()).isEqualTo("abc=");
    assertThat(asked.own()).isFalse();
  }

  @Test
  @DisplayName("are listed a hundred at a time where nothing is asked for")
  void listDefaults() {
    gateway.session.on(
        ListSessions.class, list -> Future.succeededFuture(new SessionPage(List.of(), null)));
    assertThat(gateway.get("/sessions").body()).isEqualTo("{\"sessions\":[],\"next_cursor\":null}");
    ListSessions asked = gateway.session.received().await(ListSessions.class);
    assertThat(asked.limit()).isEqualTo(100);
    assertThat(asked.namespace()).isNull();
    assertThat(asked.cursor()).isNull();
  }

  @Test
  @DisplayName("are not listed to callers of other machines, whoever else is served")
  void foreignListing() {
    gateway.close();
    gateway = RunningGateway.start(new JsonObject().put("allowAnonymous", true));
    HttpResponse<String> refused =
        gateway.send(gateway.request("/sessions").header("X-Forwarded-For", "192.0.2.1"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(new JsonObject(refused.body()).getString("code")).isEqualTo("E013");
    assertThat(gateway.session.received().all()).isEmpty();
  }

  @ParameterizedTest
  @DisplayName("refuse a page that cannot be meant")
  @ValueSource(
      strings = {
        "/sessions?limit=0",
        "/sessions?limit=1001",
        "/sessions?limit=x",
        "/sessions?limit=1&limit=2",
        "/sessions?limit=%D9%A3",
        "/sessions?limit=%FF",
        "/sessions/s/messages?limit=0",
        "/sessions/s/messages?limit=99999999999"
      })
  void wrongPages(String path) {
    HttpResponse<String> response = gateway.get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    assertThat(new JsonObject(response.body()).getJsonObject("details").getString("field"))
        .isEqualTo("limit");
  }

  @Test
  @DisplayName("tell of one, its turn in progress included, by a name that is percent-decoded")
  void get() {
    gateway.session.on(ReadSession.class, read -> Future.succeededFuture(info("s1", TURN)));
    JsonObject session = new JsonObject(gateway.get("/sessions/a%20%2F%C3%BC+").body());
    assertThat(session.getString("turn_in_progress")).isEqualTo(TURN.value());
    assertThat(gateway.session.received().await(ReadSession.class).session().value())
        .isEqualTo("a /ü+");
  }

  @Test
  @DisplayName("are 404 E100 where there is none")
  void unknown() {
    gateway
        .session
        .on(ReadSession.class, read -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because()))
        .on(ReadMessages.class, read -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because()))
        .on(DeleteSession.class, read -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because()));
    assertThat(gateway.get("/sessions/s1").statusCode()).isEqualTo(404);
    assertThat(gateway.get("/sessions/s1/messages").statusCode()).isEqualTo(404);
    assertThat(gateway.send(gateway.request("/sessions/s1").DELETE()).statusCode())
        .isEqualTo(404);
  }

  @Test
  @DisplayName("give their messages, with what is known of the answers only")
  void messages() {
    gateway.session.on(
        ReadMessages.class,
        read -> Future.succeededFuture(new MessagePage(
            read.session(),
            List.of(
                new MessagePage.Entry(ChatMessage.user("Hi"), TURN, CREATED, null, null, null),
                new MessagePage.Entry(
                    ChatMessage.assistant("Hello"),
                    TURN,
                    CREATED,
                    "m1",
                    new Usage(3, 4, 0, false),
                    FinishReason.STOP)),
            "next")));
    JsonObject page =
        new JsonObject(gateway.get("/sessions/s1/messages?limit=2&cursor=c").body());
    assertThat(page.getString("session_id")).isEqualTo("s1");
    assertThat(page.getString("next_cursor")).isEqualTo("next");
    JsonArray messages = page.getJsonArray("messages");
    assertThat(messages.getJsonObject(0))
        .isEqualTo(new JsonObject()
            .put("role", "user")
            .put("content", "Hi")
            .put("turn_id", TURN.value())
            .put("timestamp", "2026-01-02T03:04:05.123Z"));
    assertThat(messages.getJsonObject(1).fieldNames())
        .containsExactlyInAnyOrder(
            "role", "content", "turn_id", "timestamp", "model", "usage", "finish_reason");
    ReadMessages asked = gateway.session.received().await(ReadMessages.class);
    assertThat(asked.limit()).isEqualTo(2);
    assertThat(asked.cursor()).isEqualTo("c");
  }

  @Test
  @DisplayName("are forgotten with 204 and no body")
  void delete() {
    gateway.session.on(
        DeleteSession.class, delete -> Future.succeededFuture(new Deleted(delete.session())));
    HttpResponse<String> deleted = gateway.send(gateway.request("/sessions/s1").DELETE());
    assertThat(deleted.statusCode()).isEqualTo(204);
    assertThat(deleted.body()).isEmpty();
  }
}
