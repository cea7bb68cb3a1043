package io.consoul.provider.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.consoul.message.Usage;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the reader of every wire format has to hold, over streams as its providers send them. */
public abstract class AnswerReaderContract {

  /** Marks in a recorded stream what is a provider's own word and must not come through. */
  protected static final String SECRET = "SECRET sk-1234";

  private static final int ROUNDS = 40;

  private static final int ODD_ROUNDS = 300;

  /** Trying every place to cut a long stream at would take too long. */
  private static final int MOST_PREFIXES = 1_000;

  private final long seed = System.nanoTime();

  protected abstract AnswerReader reader(Failures failures);

  /** As many kinds of streams as providers send: calm, odd and broken ones. */
  protected abstract List<Recording> recordings();

  /** The same streams in other clothes; they have to come to the same. Formats that are not server-sent events know less. */
  protected List<Recording> disguises(Recording recording) {
    return List.of(
        recording.withCrLf(),
        recording.withCr(),
        recording.withComments(),
        recording.withByteOrderMark());
  }

  @TestFactory
  @DisplayName("understands every recorded stream")
  Stream<DynamicTest> understands() {
    return each(recording -> {
      Outcome outcome = atOnce(recording);
      assertThat(outcome.text()).isEqualTo(recording.says());
      assertThat(outcome.fails()).isEqualTo(recording.fails());
    });
  }

  @TestFactory
  @DisplayName("keeps a provider's own words about its errors to itself")
  Stream<DynamicTest> keepsSecrets() {
    return each(recording ->
        assertThat(atOnce(recording).toString()).doesNotContain("SECRET").doesNotContain("sk-"));
  }

  @TestFactory
  @DisplayName("comes to the same byte by byte as at once")
  Stream<DynamicTest> byteByByte() {
    return eachInAnyClothes(
        recording -> assertThat(read(recording.bytes(), left -> 1)).isEqualTo(atOnce(recording)));
  }

  @TestFactory
  @DisplayName("comes to the same however the bytes are cut")
  Stream<DynamicTest> anyCut() {
    return eachInAnyClothes(recording -> {
      Random random = new Random(seed);
      Outcome whole = atOnce(recording);
      byte[] bytes = recording.bytes();
      for (int round = 0; round < (isHuge(recording) ? 1 : ROUNDS); round++) {
        int longest = 2 + random.nextInt(1 + Math.min(bytes.length, 5_000));
        assertThat(read(bytes, left -> random.nextInt(longest)))
            .as("seed %d, round %d, reads of less than %d bytes", seed, round, longest)
            .isEqualTo(whole);
      }
    });
  }

  @TestFactory
  @DisplayName("comes to the same with other line ends, comments or a byte order mark")
  Stream<DynamicTest> disguised() {
    return each(recording -> {
      for (Recording disguise : disguises(recording)) {
        assertThat(atOnce(disguise)).as(disguise.name()).isEqualTo(atOnce(recording));
      }
    });
  }

  @TestFactory
  @DisplayName("never takes the beginning of an answer for the whole")
  Stream<DynamicTest> truncated() {
    return each(recording -> {
      Outcome whole = atOnce(recording);
      byte[] bytes = recording.bytes();
      int step = 1 + bytes.length / (isHuge(recording) ? 50 : MOST_PREFIXES);
      for (int length = 0; whole.isWhole() && length < bytes.length; length += step) {
        Outcome cut = read(Arrays.copyOf(bytes, length), left -> left);
        if (cut.isWhole()) {
          assertThat(cut.text()).as("cut after %d bytes", length).isEqualTo(whole.text());
          assertThat(cut.asides()).as("cut after %d bytes", length).isEqualTo(whole.asides());
          assertThat(cut.finishReason()).isEqualTo(whole.finishReason());
        }
      }
    });
  }

  @TestFactory
  @DisplayName(
      "takes values of any kind anywhere: nothing breaks, and no number is out of its range")
  Stream<DynamicTest> oddValues() {
    return each(recording -> {
      Random random = new Random(seed);
      JsonMutation mutation = new JsonMutation(random);
      for (int round = 0; round < (isHuge(recording) ? 1 : ODD_ROUNDS); round++) {
        String[] lines = recording.stream().split("\n", -1);
        for (int changes = random.nextInt(3); changes >= 0; changes--) {
          int line = random.nextInt(lines.length);
          lines[line] = mutation.of(lines[line]);
        }
        String stream = String.join("\n", lines);
        Outcome outcome = read(stream.getBytes(UTF_8), left -> left);
        Usage usage = outcome.usage();
        assertThat(usage == null || isSane(usage))
            .as("%s from %s", usage, stream)
            .isTrue();
        assertThat(outcome.toString()).doesNotContain("SECRET");
      }
    });
  }

  @TestFactory
  @DisplayName("takes any bytes: nothing breaks")
  Stream<DynamicTest> oddBytes() {
    return each(recording -> {
      Random random = new Random(seed);
      for (int round = 0; round < (isHuge(recording) ? 1 : ODD_ROUNDS); round++) {
        byte[] bytes = recording.bytes();
        for (int changes = random.nextInt(8); changes >= 0 && bytes.length > 0; changes--) {
          bytes[random.nextInt(bytes.length)] = random.nextBoolean()
              ? (byte) random.nextInt(256)
              : bytes[random.nextInt(bytes.length)];
        }
        read(bytes, left -> left);
      }
    });
  }

  private static boolean isSane(Usage usage) {
    return usage.inputTokens() >= 0
        && usage.outputTokens() >= 0
        && usage.totalTokens() >= 0
        && usage.cachedTokens() >= 0
        && usage.cachedTokens() <= usage.inputTokens()
        && usage.reasoningTokens() >= 0
        && usage.reasoningTokens() <= usage.outputTokens();
  }

  private Stream<DynamicTest> each(Consumer<Recording> test) {
    return recordings().stream()
        .map(recording -> dynamicTest(recording.name(), () -> test.accept(recording)));
  }

  private Stream<DynamicTest> eachInAnyClothes(Consumer<Recording> test) {
    return recordings().stream().map(recording -> {
      List<Recording> all = new ArrayList<>(List.of(recording));
      if (!isHuge(recording)) {
        all.addAll(disguises(recording));
      }
      return dynamicTest(recording.name(), () -> all.forEach(test));
    });
  }

  /** Too long to be read very often. */
  private static boolean isHuge(Recording recording) {
    return recording.stream().length() > 20_000;
  }

  private Outcome atOnce(Recording recording) {
    return read(recording.bytes(), left -> left);
  }

  private Outcome read(byte[] bytes, IntUnaryOperator next) {
    return Outcome.of(reader(new Failures("p", "m", InstantSource.system())), bytes, next);
  }
}
