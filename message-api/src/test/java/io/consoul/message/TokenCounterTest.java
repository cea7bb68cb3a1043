package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The token counter")
class TokenCounterTest {

  private static final int TEXTS = 2_000;

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
      StringBuilder mixture = new StringBuilder();
      for (int length = random.nextInt(40); length >= 0; length--) {
        mixture.append(MATERIAL.get(random.nextInt(MATERIAL.size())));
      }
      assertSame(mixture.toString());
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
      assertSame(random
          .ints(length, 0, letters.length())
          .collect(
              StringBuilder::new,
              (text, at) -> text.append(letters.charAt(at)),
              StringBuilder::append)
          .toString());
    }
  }

  @Test
  @DisplayName("counts nothing in nothing")
  void empty() {
    assertThat(TokenCounter.count("")).isZero();
    assertThat(TokenCounter.count("hello world")).isEqualTo(2);
  }

  private static void assertSame(String text) {
    assertThat(TokenCounter.count(text)).as(text).isEqualTo(reference.countTokensOrdinary(text));
  }
}
