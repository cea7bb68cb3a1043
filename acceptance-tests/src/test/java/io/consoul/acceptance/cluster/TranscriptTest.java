package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The transcript of an answer")
class TranscriptTest {

  private final Transcript transcript = new Transcript();

  @Test
  @DisplayName("is cut back to an earlier offset, and tells by how much")
  void cutBack() {
    say(0, "Hello wor");
    say(5, ", you");
    say(10, " there");

    assertThat(transcript.text()).isEqualTo("Hello, you there");
    assertThat(transcript.cutBack()).isEqualTo(4);
    assertThat(transcript.cutTo()).isEqualTo(5);
    assertThat(transcript.gaps()).isEmpty();
  }

  @Test
  @DisplayName("does not hide a gap")
  void gap() {
    say(0, "Hello");
    say(6, "you");

    assertThat(transcript.text()).isEqualTo("Hello");
    assertThat(transcript.cutTo()).isEqualTo(Integer.MAX_VALUE);
    assertThat(transcript.gaps()).containsExactly("offset 6 after 5");
  }

  @Test
  @DisplayName(
      "has a pause that lasts until now where an answer has stopped, and none where it is complete")
  void pause() {
    say(0, "Hello");
    long fault = System.nanoTime();

    assertThat(transcript.pauseAt(fault)).isPositive();
    say(5, ", you");
    transcript.done(new JsonObject());
    Duration seen = transcript.pauseAt(fault);
    assertThat(seen).isPositive().isEqualTo(transcript.pauseAt(fault));
    assertThat(transcript.pauseAt(System.nanoTime())).isZero();
  }

  @Test
  @DisplayName("does not count what is said again as news")
  void saidAgain() {
    say(0, "Hello");
    long fault = System.nanoTime();
    say(0, "Hel");
    say(3, "lo");
    long repeated = System.nanoTime();
    say(5, "!");
    transcript.done(new JsonObject());

    assertThat(transcript.pauseAt(fault))
        .isGreaterThan(Duration.ofNanos(repeated - fault))
        .isEqualTo(transcript.pauseAt(repeated));
  }

  private void say(int offset, String text) {
    transcript.token(new JsonObject().put("offset", offset).put("text", text));
  }
}
