package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The slots of a provider")
class SlotsTest {

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final List<String> turns = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    Answer.await(vertx.close());
  }

  @Test
  @DisplayName("go to so many at once; so many wait, and nobody else")
  void bounds() {
    Slots slots = new Slots(2, 1);
    assertThat(take(slots, "a").isAtOnce()).isTrue();
    assertThat(take(slots, "b").isAtOnce()).isTrue();
    assertThat(take(slots, "c").isAtOnce()).isFalse();
    assertThat(slots.take(context, () -> {})).isEmpty();
    assertThat(slots.inUse()).isEqualTo(2);
    assertThat(slots.waiting()).isEqualTo(1);
  }

  @Test
  @DisplayName("go to those who wait in the order in which they came, and never to who comes later")
  void fair() {
    Slots slots = new Slots(1, 10);
    Slots.Slot first = take(slots, "first");
    List<Slots.Slot> waiting = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      waiting.add(take(slots, name));
    }
    first.give();
    assertThat(take(slots, "late").isAtOnce()).isFalse();
    waiting.forEach(Slots.Slot::give);
    await().until(() -> turns.size() == 4);
    assertThat(turns).containsExactly("a", "b", "c", "late");
  }

  @Test
  @DisplayName("are given back once, however often that is said")
  void once() {
    Slots slots = new Slots(1, 1);
    Slots.Slot slot = take(slots, "a");
    slot.give();
    slot.give();
    assertThat(slots.inUse()).isZero();
    Slots.Slot next = take(slots, "b");
    slot.give();
    assertThat(next.isAtOnce()).isTrue();
    assertThat(slots.inUse()).isEqualTo(1);
  }

  @Test
  @DisplayName("leave room in the queue at once when somebody goes away from it")
  void leaves() {
    Slots slots = new Slots(1, 1);
    Slots.Slot held = take(slots, "held");
    take(slots, "gone").give();
    assertThat(slots.waiting()).isZero();
    take(slots, "waiting");
    held.give();
    await().until(() -> !turns.isEmpty());
    assertThat(turns).containsExactly("waiting");
  }

  @Test
  @DisplayName("are never more than allowed, and none is lost, with many threads at them")
  void threads() {
    Slots slots = new Slots(3, 1_000_000);
    AtomicInteger held = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    int threads = 4;
    int each = 2_000;
    for (int i = 0; i < threads; i++) {
      Context own = vertx.getOrCreateContext();
      own.runOnContext(now -> {
        for (int n = 0; n < each; n++) {
          if (n % 5 == 0) {
            slots.take(own, () -> {}).orElseThrow().give();
            done.incrementAndGet();
          } else {
            use(slots, own, () -> {
              most.accumulateAndGet(held.incrementAndGet(), Math::max);
              held.decrementAndGet();
              done.incrementAndGet();
            });
          }
        }
      });
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> done.get() == threads * each);
    await().until(() -> slots.inUse() == 0 && slots.waiting() == 0);
    assertThat(most.get()).isBetween(1, 3);
  }

  /** Holds a slot until the context comes to it. */
  private static void use(Slots slots, Context context, Runnable work) {
    Slots.Slot[] own = new Slots.Slot[1];
    Runnable onTurn = () -> {
      work.run();
      own[0].give();
    };
    own[0] = slots.take(context, onTurn).orElseThrow();
    if (own[0].isAtOnce()) {
      context.runOnContext(later -> onTurn.run());
    }
  }

  private Slots.Slot take(Slots slots, String name) {
    return slots.take(context, () -> turns.add(name)).orElseThrow();
  }
}
