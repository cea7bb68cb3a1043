package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.Heard;
import io.consoul.message.Replayed;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One answer, its attempts, its store, a bus that loses and repeats, and a client, all of them in one thread. */
@DisplayName("The answer of a turn whose providers die")
class ReceiverModelTest {

  private static final TurnId TURN = TurnId.mint(new SessionId("s"), new Random(1));

  private static final int ROUNDS = 4_000;

  @Test
  @DisplayName(
      "ends at its client as it is stored, whatever is lost, late, repeated or taken over, and is never cut back further than it has to be")
  void model() {
    int cutBacks = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      World world = new World(new Random(seed));
      try {
        world.run();
      } catch (AssertionError wrong) {
        throw new AssertionError("seed " + seed, wrong);
      }
      assertThat(world.client.shown).as("seed %d", seed).hasToString(world.stored());
      cutBacks += world.client.cutBacks;
    }
    assertThat(cutBacks).as("cases in which something had to be cut back").isGreaterThan(200);
  }

  /** What one provider says; where its own cursor for the client stands. */
  private static final class Attempt {

    final long fence;
    final Cuts cuts;
    final StringBuilder text;
    final Queue<Object> wire = new ArrayDeque<>();
    int sent;
    boolean attached;

    Attempt(long fence, Cuts cuts, String said) {
      this.fence = fence;
      this.cuts = cuts;
      this.text = new StringBuilder(said);
    }

    void follow(int after, int seen) {
      attached = true;
      sent = Math.min(cuts.kept(after, seen), text.length());
    }
  }

  /** The acceptance of an attempt on its way to the client. */
  private record Told(Attempt attempt) {}

  private static final class World {

    final Random random;
    final List<Attempt> attempts = new ArrayList<>();
    final Client client;
    Attempt now;
    boolean done;

    World(Random random) {
      this.random = random;
      this.client = new Client(this);
      now = new Attempt(1 + random.nextInt(3), Cuts.NONE, "");
      attempts.add(now);
      attach();
    }

    String stored() {
      return now.text.toString();
    }

    void run() {
      int steps = 10 + random.nextInt(60);
      for (int i = 0; i < steps; i++) {
        step();
      }
      done = true;
      // From here on nothing is lost: the turn is stored, and its client asks for what is missing.
      attempts.forEach(each -> deliver(each, each.wire.size(), false));
      client.pull();
    }

    private void step() {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> now.text.append(word());
        case 3 -> deliver(attempts.get(random.nextInt(attempts.size())), 1 + random.nextInt(3), true);
        case 4 -> client.take();
        case 5 -> {
          if (random.nextInt(3) == 0 && attempts.size() < 6) {
            takeOver();
          }
        }
        case 6 -> {
          if (random.nextInt(4) == 0) {
            attach();
          }
        }
        default -> serve();
      }
    }

    private String word() {
      // Each attempt says something else, so that a mixture would be seen.
      return "" + (char) ('a' + attempts.size() - 1) + random.nextInt(10);
    }

    private void serve() {
      for (Attempt each : attempts) {
        if (each.attached && each.sent < each.text.length()) {
          int end = each.sent + 1 + random.nextInt(each.text.length() - each.sent);
          each.wire.add(new Delta(TURN, each.fence, each.sent, each.text.substring(each.sent, end)));
          each.sent = end;
        }
      }
    }

    /** With text that is shorter than what the client has seen, or longer, or with what it has heard. */
    private void takeOver() {
      String said = now.text.substring(0, random.nextInt(now.text.length() + 1));
      Heard heard = client.receiver.heard();
      if (random.nextBoolean() && heard != null && heard.fence() == now.fence
          && heard.offset() <= said.length()) {
        int end = heard.offset() + heard.text().length();
        assertThat(now.text.substring(heard.offset(), end)).isEqualTo(heard.text());
        said = now.text.substring(0, Math.max(said.length(), end));
      }
      if (random.nextInt(6) == 0) {
        said = "";
      }
      Attempt old = now;
      now = new Attempt(now.fence + 1 + random.nextInt(3), now.cuts.and(said.length()), said);
      attempts.add(now);
      if (random.nextBoolean()) {
        old.text.append("late"); // it does not know yet
      }
      if (random.nextBoolean()) {
        attach();
      }
    }

    /** The client asks the session, which has the provider follow: what that says may come before the acceptance. */
    private void attach() {
      now.follow(client.receiver.length(), client.receiver.cuts());
      if (random.nextInt(8) > 0) {
        client.session.add(new Told(now));
      }
    }

    private void deliver(Attempt from, int most, boolean unreliable) {
      for (int i = 0; i < most && !from.wire.isEmpty(); i++) {
        Delta delta = (Delta) from.wire.poll();
        int copies = !unreliable ? 1 : random.nextInt(6) == 0 ? 0 : random.nextInt(6) == 0 ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
          client.delta(delta);
        }
        if (random.nextInt(3) == 0) {
          client.hear();
        }
      }
    }
  }

  /** As {@link TurnStream} does it. */
  private static final class Client {

    final World world;
    final StringBuilder shown = new StringBuilder();
    final Receiver receiver = new Receiver(0, 0);
    final Queue<Told> session = new ArrayDeque<>();
    Attempt provider;
    int cutBacks;

    Client(World world) {
      this.world = world;
    }

    void hear() {
      Told told = session.poll();
      if (told != null && receiver.admits(told.attempt.fence)) {
        provider = told.attempt;
        attempt(told.attempt);
      }
    }

    private void attempt(Attempt attempt) {
      int kept = attempt.cuts.kept(receiver.length(), receiver.cuts());
      boolean whole = receiver.attempt(attempt.fence, attempt.cuts);
      assertThat(receiver.length()).isGreaterThanOrEqualTo(kept);
      assertThat(attempt.text.substring(0, receiver.length())).startsWith(shown(kept));
      if (!whole) {
        attempt.follow(receiver.length(), receiver.cuts());
      }
    }

    private String shown(int kept) {
      return shown.substring(0, Math.min(kept, Math.min(shown.length(), receiver.handedOn())));
    }

    void delta(Delta delta) {
      if (!receiver.admits(delta.fence())) {
        return;
      }
      int before = receiver.length();
      boolean taken = receiver.take(delta);
      assertThat(receiver.length()).as("a delta never takes anything away").isGreaterThanOrEqualTo(before);
      if (!taken && receiver.knows(delta.fence()) && provider != null) {
        provider.follow(receiver.length(), receiver.cuts());
      }
    }

    /** The client reads. */
    void take() {
      if (receiver.hasNews()) {
        int offset = receiver.handedOn();
        assertThat(offset).as("no gap").isLessThanOrEqualTo(shown.length());
        cutBacks += offset < shown.length() ? 1 : 0;
        shown.setLength(offset);
        shown.append(receiver.handOn());
      }
    }

    /** Fetches the stored answer from where it is, piece by piece. */
    void pull() {
      Attempt last = world.now;
      String answer = last.text.toString();
      Replayed piece;
      do {
        int after = Math.min(receiver.length(), answer.length());
        int from = last.cuts.kept(after, receiver.cuts());
        int end = Math.min(answer.length(), from + 1 + world.random.nextInt(30));
        piece = new Replayed(TURN, from, answer.substring(from, end), completed(last, answer.length()), last.cuts.count());
        assertThat(receiver.take(piece)).isTrue();
        if (world.random.nextBoolean()) {
          take();
        }
      } while (!piece.isLast());
      assertThat(receiver.end(last.fence, answer.length())).isTrue();
      take();
    }

    private static Completed completed(Attempt last, int length) {
      return new Completed(
          TURN, last.fence, length, FinishReason.STOP, Usage.NONE, "m", "p", Instant.EPOCH, 0);
    }
  }
}
