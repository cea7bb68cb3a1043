package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.consoul.message.TokenCounter;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The tokens of a message")
class MessageTokensTest {

  private static final String LONG = "The quick brown fox jumps over the lazy dog. ".repeat(2_000);

  @Test
  @DisplayName("are counted on the spot when it is short, and by a worker when it is long")
  void exact(Vertx vertx) throws Exception {
    assertThat(MessageTokens.of(vertx, "hello").isComplete()).isTrue();
    assertThat(MessageTokens.of(vertx, LONG).await(20, SECONDS))
        .isEqualTo(TokenCounter.count(LONG));
  }

  @Test
  @DisplayName("are estimated from its beginning where nobody waits for an exact number")
  void estimate() {
    assertThat(MessageTokens.estimate("hello there")).isEqualTo(TokenCounter.count("hello there"));
    int exact = TokenCounter.count(LONG);
    assertThat(MessageTokens.estimate(LONG)).isCloseTo(exact, within(exact / 50));
  }
}
