package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Cancelling at the gateway")
class CancelTest {

  private static final SessionId SESSION = new SessionId("my chat/1");
  private static final TurnId TURN = TurnId.mint(SESSION, RandomGenerator.getDefault());
  private static final String PATH = "/chat/my%20chat%2F1/cancel";

  private final RunningGateway gateway = RunningGateway.start();

  @BeforeEach
  void script() {
    gateway.session.on(CancelTurn.class, cancel -> Future.succeededFuture(new Cancelled(TURN)));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private HttpResponse<String> cancel(String body) {
    return gateway.send(gateway
        .request(PATH)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body)));
  }

  @Test
  @DisplayName("needs no body, and tells which turn was stopped")
  void withoutBody() {
    HttpResponse<String> response =
        gateway.send(gateway.request(PATH).POST(BodyPublishers.noBody()));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(new JsonObject(response.body()))
        .isEqualTo(new JsonObject().put("cancelled", TURN.value()));
    assertThat(gateway.session.received().await(CancelTurn.class))
        .isEqualTo(new CancelTurn(SESSION, Tenant.DEFAULT, null));
  }

  @Test
  @DisplayName("can name the turn, and tells null where nothing was stopped")
  void namedTurn() {
    gateway.session.on(CancelTurn.class, cancel -> Future.succeededFuture(new Cancelled(null)));
    HttpResponse<String> response =
        cancel(new JsonObject().put("turn_id", TURN.value()).encode());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("{\"cancelled\":null}");
    assertThat(gateway.session.received().await(CancelTurn.class).turn()).isEqualTo(TURN);
  }

  @ParameterizedTest
  @DisplayName("refuses a turn that is none or of another session, with the field's name")
  @ValueSource(strings = {"{\"turn_id\":\"x\"}", "{\"turn_id\":7}", "other"})
  void wrongTurn(String body) {
    TurnId other = TurnId.mint(new SessionId("s2"), RandomGenerator.getDefault());
    HttpResponse<String> response = cancel(
        body.equals("other") ? new JsonObject().put("turn_id", other.value()).encode() : body);
    assertThat(response.statusCode()).isEqualTo(422);
    assertThat(new JsonObject(response.body()).getJsonObject("details").getString("field"))
        .isEqualTo("turn_id");
    assertThat(gateway.session.received().all()).isEmpty();
  }

  @Test
  @DisplayName("names the turn that the WebSocket follows, so that no later one is hit")
  void namedOnSocket() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("my%20chat%2F1")) {
      socket.say("hi");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      socket.send("{\"type\":\"cancel\"}");
      assertThat(gateway.session.received().await(CancelTurn.class).turn()).isEqualTo(begin.turn());
    }
  }

  @Test
  @DisplayName("works from a WebSocket for the turn in progress, and tells when it could not")
  void onSocket() {
    try (TestSocket socket = gateway.socket("my%20chat%2F1")) {
      socket.send("{\"type\":\"cancel\"}");
      assertThat(gateway.session.received().await(CancelTurn.class).session()).isEqualTo(SESSION);
      gateway.session.on(
          CancelTurn.class,
          cancel -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because("down")));
      socket.send("{\"type\":\"cancel\"}");
      assertThat(socket.next("error").getString("code")).isEqualTo("E110");
    }
  }
}
