package io.consoul.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.message.Accepted;
import io.consoul.message.BeginTurn;
import io.consoul.message.Completed;
import io.consoul.message.Kind;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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

  @Test
  @DisplayName("do not take it for silence of a peer when the whole process stood still")
  void standstill(Vertx vertx) throws Exception {
    AtomicLong clock = new AtomicLong(1_000_000);
    Node node = Node.join(vertx, () -> Instant.ofEpochMilli(clock.get())).await(5, SECONDS);
    Membership membership = node.directory().join(Kind.GATEWAY);
    TurnStreams streams = new TurnStreams(
        new TurnPeers(node, membership.inbox(), 100, Duration.ofSeconds(15)), membership);
    BeginTurn turn = streams.turn(new SessionId("s"), Caller.anonymous("127.0.0.1"), "hi", null);
    Failures failures = new Failures(new ArrayList<>());
    String provider = node.directory().join(Kind.PROVIDER).inbox();
    streams.open(turn, failures).deliver(new Accepted(turn.turn(), 1, provider));

    clock.addAndGet(60_000);
    for (int missed = 0; missed < 10 * Silence.TICKS; missed++) {
      streams.tick();
    }
    assertThat(failures.all()).isEmpty();

    tick(streams, clock, Silence.TICKS + 55);
    assertThat(failures.all()).as("it is looked for first").isEmpty();

    tick(streams, clock, 10);
    assertThat(failures.all()).containsExactly(Fault.LLM_UNAVAILABLE);
  }

  private static void tick(TurnStreams streams, AtomicLong clock, int times) {
    for (int i = 0; i < times; i++) {
      clock.addAndGet(250);
      streams.tick();
    }
  }
}
