package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.AnswerTurn;
import io.consoul.message.Delta;
import io.consoul.message.Follower;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Heard;
import io.consoul.message.Kind;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Script;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** From a client to a provider's wire; the provider that is lost is a scripted one. */
@DisplayName("An answer whose provider verticle is lost")
class TakenOverTest {

  private static final String WHOLE = "The quick brown fox jumps over the lazy dog, and sleeps.";
  private static final String JOURNALLED = WHOLE.substring(0, 10);
  private static final String HEARD = WHOLE.substring(0, 30);

  private final Deployed deployed = new Deployed();
  private final FakeProvider openAi = Deployed.get(FakeProvider.start(deployed.vertx));
  private ScriptedProvider lost;
  private EventStream stream;
  private AnswerTurn order;

  @BeforeEach
  void begin() {
    openAi.answer(Script.text(WHOLE.split("(?<= )")));
    // Long: the machine may be busy, and whoever is quick here is not so because of a lease that is
    // over.
    deployed
        .session(new JsonObject().put("leaseSeconds", 60))
        .gateway(new JsonObject().put("stream", new JsonObject().put("silenceSeconds", 60)));
    lost = Deployed.get(ScriptedProvider.start(deployed.node));
    stream = deployed.client().stream("s", "Hi");
    order = lost.received().await(AnswerTurn.class);
    Deployed.get(lost.progress(order, 0, JOURNALLED));
    deployed.node.bus().tell(order.listener(), new Delta(order.turn(), order.fence(), 0, HEARD));
    stream.awaitFirstToken();
    deployed.provider(new JsonObject()
        .put(
            "openai",
            new JsonObject().put("baseUrl", openAi.baseUrl()).put("defaultModel", "fake")));
  }

  @AfterEach
  void stop() {
    deployed.close();
  }

  @Test
  @DisplayName("goes on at another one, behind the last character that its client has")
  void dies() {
    Deployed.get(lost.close());

    stream.await("done", Duration.ofSeconds(30));

    assertWholeAnswerOnce();
  }

  @Test
  @DisplayName("goes on at once where it is handed on")
  void handedOn() {
    Heard heard = new Heard(order.fence(), 10, HEARD.substring(10));
    Follower follower = new Follower(order.listener(), HEARD.length(), 0);
    HandOn handOn = new HandOn(
        order.turn(), order.tenant(), order.fence(), order.token(), 0, heard, List.of(follower));

    Deployed.get(deployed
        .node
        .bus()
        .ask(Kind.SESSION, order.sessionInbox(), handOn, HandedOn.class, Duration.ofSeconds(20)));
    stream.await("done", Duration.ofSeconds(30));

    assertWholeAnswerOnce();
  }

  private void assertWholeAnswerOnce() {
    assertThat(stream.text()).isEqualTo(WHOLE);
    StringBuilder pieces = new StringBuilder();
    stream.events("token").forEach(token -> pieces.append(token.json().getString("text")));
    assertThat(pieces).as("nothing was shown twice").hasToString(WHOLE);
    assertThat(stream.lastEventId()).contains("~1:");
    JsonArray messages =
        deployed.client().get("/sessions/s/messages").json().getJsonArray("messages");
    assertThat(messages.getJsonObject(1).getString("content")).isEqualTo(WHOLE);
    assertThat(messages.getJsonObject(1).getString("finish_reason")).isEqualTo("stop");
  }
}
