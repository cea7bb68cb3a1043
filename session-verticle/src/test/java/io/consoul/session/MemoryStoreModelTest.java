package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;

@DisplayName("Whatever happens to turns, in whatever order")
class MemoryStoreModelTest {

  private static final int STEPS = 2_000;

  /** A turn and its holder, as far as the holder knows. */
  private static final class Holder {
    final BeginTurn turn;
    SessionStore.Lease lease;
    String said = "";
    boolean over;
    boolean passedOver;

    Holder(BeginTurn turn) {
      this.turn = turn;
    }
  }

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final StoreFixture fixture =
      new StoreFixture(new JsonObject().put("ttlSeconds", 1_000_000), random);
  private final Map<String, List<String>> acknowledged = new HashMap<>();
  private final List<Holder> holders = new ArrayList<>();
  private long lastFence;
  private int counter;

  @RepeatedTest(20)
  @DisplayName(
      "the history is the acknowledged turns in order, and interrupted ones that had said something")
  void historyIsWhatWasAcknowledged() {
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> begin();
        case 3, 4 -> progress();
        case 5, 6 -> seal();
        case 7 -> abort();
        case 8 -> reassign();
        default -> fixture.pass(Duration.ofMillis(random.nextInt(3_000)));
      }
    }
    acknowledged.forEach((session, expected) -> assertThat(fixture.history(session).stream()
            .filter(line -> !line.endsWith("(interrupted)"))
            .filter(line -> line.startsWith("assistant"))
            .toList())
        .as("session %s, seed %d", session, seed)
        .isEqualTo(expected));
  }

  private void begin() {
    boolean repeat = !holders.isEmpty() && random.nextInt(4) == 0;
    Holder holder =
        repeat ? any() : new Holder(fixture.turn("s" + random.nextInt(3), "question " + counter++));
    SessionStore.Begun begun = fixture.begin(holder.turn);
    if (begun instanceof SessionStore.Begun.Granted granted) {
      assertThat(granted.lease().fence()).as("seed %d", seed).isGreaterThan(lastFence);
      lastFence = granted.lease().fence();
      holder.lease = granted.lease();
      holder.said = "";
      holder.over = false;
      holder.passedOver = false;
      if (!repeat) {
        holders.add(holder);
      }
    }
  }

  private void progress() {
    holding(holder -> {
      String more = "word" + counter++ + " ";
      fixture.progress(holder.turn, holder.lease, holder.said.length(), more);
      holder.said += more;
    });
  }

  /** Sometimes the reply is lost and the holder asks again. */
  private void seal() {
    holding(holder -> {
      String answer = holder.said + "end" + counter++;
      fixture.seal(holder.turn, holder.lease, answer);
      if (!holder.over) {
        acknowledged
            .computeIfAbsent(holder.turn.turn().session().value(), key -> new ArrayList<>())
            .add("assistant " + answer);
      }
      holder.over = true;
      if (random.nextInt(3) == 0) {
        fixture.seal(holder.turn, holder.lease, answer);
      }
    });
  }

  private void abort() {
    holding(holder -> {
      fixture.abort(holder.turn, holder.lease);
      holders.remove(holder);
    });
  }

  /** Another one gets the turn, and the first does not know. */
  private void reassign() {
    holding(holder -> {
      SessionStore.Lease lease =
          StoreFixture.get(fixture.store.reassign(holder.turn, holder.lease, "other"));
      assertThat(lease.fence()).isGreaterThan(lastFence);
      lastFence = lease.fence();
      Holder next = new Holder(holder.turn);
      next.lease = lease;
      holders.add(next);
      holder.passedOver = true;
    });
  }

  /** Somebody who believes to hold a lease does something; whoever was passed over is refused and stops. */
  private void holding(Consumer<Holder> action) {
    List<Holder> believers = holders.stream().filter(holder -> !holder.over).toList();
    if (believers.isEmpty()) {
      return;
    }
    Holder holder = believers.get(random.nextInt(believers.size()));
    try {
      boolean passedOver = holder.passedOver;
      action.accept(holder);
      assertThat(passedOver)
          .as("a holder that was passed over has written, seed %d", seed)
          .isFalse();
    } catch (FaultException passedOver) {
      holder.over = true;
    }
  }

  private Holder any() {
    return holders.get(random.nextInt(holders.size()));
  }
}
