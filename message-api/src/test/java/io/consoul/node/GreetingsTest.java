package io.consoul.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Hello;
import io.consoul.message.Kind;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A word to the instances of other nodes")
class GreetingsTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Greetings greetings = new Greetings(now::get);

  @Test
  @DisplayName("is due when one is first heard of, and again after ten seconds")
  void due() {
    assertThat(dueOf("a")).containsExactly("a");
    now.set(now.get().plusSeconds(1));
    assertThat(dueOf("a", "b")).containsExactly("b");
    now.set(now.get().plusSeconds(9));
    assertThat(dueOf("a", "b")).containsExactly("a");
    now.set(now.get().plusSeconds(1));
    assertThat(dueOf("a", "b")).containsExactly("b");
  }

  @Test
  @DisplayName("is due at once for one that was away")
  void back() {
    dueOf("a");
    dueOf();

    assertThat(dueOf("a")).containsExactly("a");
  }

  private List<String> dueOf(String... inboxes) {
    return greetings.due(Stream.of(inboxes)
        .map(inbox -> new Hello(Kind.SESSION, "elsewhere", inbox, 0, false, false, 2))
        .toList());
  }
}
