package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The token counter")
class TokenCounterTest {

  private static final int TEXTS = 2_000;

  /** Far above what is needed, and far below the square of a long text. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** What texts are made of: words, code, other scripts, joined emojis, odd spaces, halves of surrogate pairs. */
  private static final List<String> MATERIAL = List.of(
      "the",
      " quick",
      "Brown",
      "FOX",
      "'ll",
      "'S",
      "’s",
      "naïve",
      "Straße",
      "été",
      "ǅ",
      "ſ",
      "K",
      "Привет",
      " мир",
      "你好",
      "世界",
      "こんにちは",
      "안녕",
      "مرحبا",
      "नमस्ते",
      "ไทย",
      "e\u0301",
      "👩‍👩‍👧",
      "🦉",
      "\ud83e",
      "\udd89",
      "1",
      "2024",
      "½",
      "Ⅷ",
      "٣",
      " ",
      "  ",
      "\t",
      "\n",
      "\r\n",
      "\n\n",
      "\u00a0",
      "\u2003",
      "\u0085",
      "\u0000",
      "{",
      "});",
      "/*",
      "//",
      "!=",
      "->",
      "…",
      "—",
      "_",
      "$",
      "<|endoftext|>",
      "zzzzzzzz",
      "qxqxqx",
      "AAAA",
      "ab");

  private static Encoding reference;

  @BeforeAll
  static void load() {
    reference = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
  }

  @Test
  @DisplayName("counts any mixture of texts as the tokenizer does whose vocabulary it reads")
  void mixtures() {
    Random random = new Random(4711);
    for (int text = 0; text < TEXTS; text++) {
      assertSame(mixture(random));
    }
  }

  @Test
  @DisplayName("counts any code points as the tokenizer does")
  void codePoints() {
    Random random = new Random(42);
    for (int text = 0; text < TEXTS; text++) {
      int limit = List.of(0x80, 0x800, 0x10000, 0x20000).get(text % 4);
      assertSame(random
          .ints(random.nextInt(30), 1, limit)
          .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
          .toString());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {499, 501, 20_000})
  @DisplayName("counts a long message without a space as the tokenizer does")
  void withoutSpaces(int length) {
    Random random = new Random(length);
    for (String letters : List.of("a", "ab", "abcdefghijklmnopqrstuvwxyz", "你好世界", "=-")) {
      assertSame(anyOf(letters, length, random));
    }
  }

  @ParameterizedTest
  @MethodSource("hostile")
  @DisplayName("counts what is made to be dear as the tokenizer does")
  void hostile(String part) {
    assertSame(repeat(part, 4_000));
    assertSame("x" + repeat(part, 1_000) + "x");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  @DisplayName("takes no longer for each character of a very long message than of a short one")
  void large(String part) {
    String text = repeat(part, 1 << 17);
    assertTimeoutPreemptively(LIMIT, () -> assertThat(TokenCounter.count(text)).isPositive());
  }

  /** Where backtracking or joining could take the square of the length: each begins, over and over, what then does not follow. */
  static Stream<String> hostile() {
    return Stream.of(
        "a",
        "A",
        "Aa",
        "aA",
        "ǅ",
        "é",
        "e\u0301",
        "\u0301",
        "'s",
        "'",
        "A'",
        "1",
        "½",
        " ",
        " \t",
        "\n",
        " \n",
        "\r",
        "\u00a0",
        "\u0000",
        "\u001b[",
        "/",
        "/\n",
        "!",
        " !",
        "你",
        "ー",
        "안",
        "ไ",
        "🦉",
        "👩‍👩‍👧",
        "\ud83e",
        "\udd89",
        "\udd89\ud83e",
        "\uffff",
        "abcdefghijklmnopqrstuvwxyz");
  }

  @Test
  @DisplayName("counts a long text of random letters in time")
  void largeAndRandom() {
    String text = anyOf("abcdefghijklmnopqrstuvwxyz", 1 << 18, new Random(7));
    assertTimeoutPreemptively(
        LIMIT, () -> assertThat(TokenCounter.count(text)).isGreaterThan(1 << 16));
  }

  @Test
  @DisplayName("counts the same on several threads at once")
  void threads() throws Exception {
    List<String> texts =
        IntStream.range(0, 400).mapToObj(seed -> mixture(new Random(seed))).toList();
    List<Integer> alone = texts.stream().map(TokenCounter::count).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<List<Integer>> count =
          () -> texts.stream().map(TokenCounter::count).toList();
      for (Future<List<Integer>> each : threads.invokeAll(Collections.nCopies(8, count))) {
        assertThat(each.get()).isEqualTo(alone);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @DisplayName("counts nothing in nothing")
  void empty() {
    assertThat(TokenCounter.count("")).isZero();
    assertThat(TokenCounter.count("hello world")).isEqualTo(2);
  }

  private static String mixture(Random random) {
    StringBuilder mixture = new StringBuilder();
    for (int length = random.nextInt(40); length >= 0; length--) {
      mixture.append(MATERIAL.get(random.nextInt(MATERIAL.size())));
    }
    return mixture.toString();
  }

  private static String anyOf(String letters, int length, Random random) {
    return random
        .ints(length, 0, letters.length())
        .collect(
            StringBuilder::new,
            (text, at) -> text.append(letters.charAt(at)),
            StringBuilder::append)
        .toString();
  }

  private static String repeat(String part, int length) {
    return part.repeat(length / part.length());
  }

  private static void assertSame(String text) {
    assertThat(TokenCounter.count(text))
        .as(text.length() > 200 ? text.substring(0, 200) : text)
        .isEqualTo(reference.countTokensOrdinary(text));
  }
}
