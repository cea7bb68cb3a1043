package io.consoul.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.message.Accepted;
import io.consoul.message.Alive;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ticks and the clock are moved by hand: nothing here depends on how fast the machine is. */
@ExtendWith(VertxExtension.class)
@DisplayName("The turns of a gateway instance")
class TurnStreamsTest {

  /** Notes the failure only. */
  private record Failures(List<Fault> all) implements TurnSink {

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void text(TurnId turn, int cuts, int offset, String text) {}

    @Override
    public void historyUnavailable() {}

    @Override
    public void completed(Completed completed) {}

    @Override
    public void failed(TurnId turn, FaultException failure, int length) {
      all.add(failure.fault());
    }
  }

  /** What was sent, in order, and where to. */
  private record Sent(String address, Object message) {}

  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private final Failures failures = new Failures(new ArrayList<>());
  private Node node;
  private TurnStreams streams;
  private BeginTurn turn;
  private TurnStream stream;

  @BeforeEach
  void open(Vertx vertx) throws Exception {
    node = Node.join(vertx, () -> Instant.ofEpochMilli(clock.get())).await(10, SECONDS);
    Membership membership = node.directory().join(Kind.GATEWAY);
    streams = new TurnStreams(
        new TurnPeers(node, membership.inbox(), 100, Duration.ofSeconds(15)), membership);
    turn = streams.turn(new SessionId("s"), Caller.anonymous("127.0.0.1"), "hi", null);
    stream = streams.open(turn, failures);
    vertx.eventBus().addOutboundInterceptor(delivery -> {
      sent.add(new Sent(delivery.message().address(), delivery.body()));
      delivery.next();
    });
  }

  private <M> List<M> sent(Class<M> type) {
    return sent.stream()
        .map(Sent::message)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private void accepted() {
    String provider = node.directory().join(Kind.PROVIDER).inbox();
    stream.deliver(new Accepted(turn.turn(), 1, provider));
  }

  private void tick(int times) {
    tick(times, 250);
  }

  private void tick(int times, int millis) {
    for (int i = 0; i < times; i++) {
      clock.addAndGet(millis);
      streams.tick();
    }
  }

  @Test
  @DisplayName("do not take it for silence of a peer when the whole process stood still")
  void standstill() {
    accepted();

    clock.addAndGet(60_000);
    for (int missed = 0; missed < 10 * Silence.TICKS; missed++) {
      streams.tick();
    }
    assertThat(failures.all()).isEmpty();

    tick(Silence.TICKS + 55);
    assertThat(failures.all()).as("it is looked for first").isEmpty();

    tick(10);
    assertThat(failures.all()).containsExactly(Fault.LLM_UNAVAILABLE);
  }

  @Test
  @DisplayName(
      "wait for as long as a provider says that it lives, and look for the turn after that")
  void alive() {
    accepted();
    for (int i = 0; i < 5; i++) {
      tick(Silence.TICKS - 1);
      stream.deliver(new Alive(turn.turn(), 1));
    }
    assertThat(sent(AttachTurn.class)).isEmpty();

    node.directory().join(Kind.SESSION);
    tick(Silence.TICKS);
    assertThat(sent(AttachTurn.class)).singleElement().satisfies(attach -> {
      assertThat(attach.turn()).isEqualTo(turn.turn());
    });
  }

  @Test
  @DisplayName(
      "wait for as long as a session says that the turn is queued, and begin it again after that")
  void queued() {
    stream.deliver(new Queued(turn.turn(), 1));
    for (int i = 0; i < 5; i++) {
      tick(Silence.TICKS - 1);
      stream.deliver(new Queued(turn.turn(), 1));
    }
    assertThat(sent(BeginTurn.class)).isEmpty();

    node.directory().join(Kind.SESSION);
    tick(Silence.TICKS);
    assertThat(sent(BeginTurn.class)).first().isEqualTo(turn);
  }

  @Test
  @DisplayName(
      "tell the provider again and again that they listen, also where a gateway waits for a minute")
  void credits() {
    accepted();
    for (int i = 0; i < Silence.TICKS - 1; i++) {
      sent.clear();
      tick(1, 3_000);
      assertThat(sent(Credit.class)).hasSize(1);
    }
    for (int i = 0; i < 5; i++) {
      stream.deliver(new Alive(turn.turn(), 1));
      sent.clear();
      tick(6, 30);
      assertThat(sent(Credit.class)).as("one that is impatient").hasSize(1);
    }
  }

  @Test
  @DisplayName(
      "ask another session instance in the very tick after the one that was asked has gone")
  void sessionGone() throws Exception {
    ScriptedSession first = ScriptedSession.start(node).await(10, SECONDS);
    first.onBegin(begin -> ScriptedSession.noAnswer());
    stream.start();
    ScriptedSession other = ScriptedSession.start(node).await(10, SECONDS);
    other.onBegin(begin -> ScriptedSession.noAnswer());
    tick(Silence.TICKS);
    assertThat(sent).extracting(Sent::address).doesNotContain(other.inbox());

    first.close().await(10, SECONDS);
    tick(1);
    assertThat(sent).contains(new Sent(other.inbox(), turn));
  }
}
