package io.consoul.message;

import com.knuddels.jtokkit.Encodings;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts tokens where a provider does not tell: exact for OpenAI's newer models (o200k), an estimate for the others. Loading
 * the vocabulary takes a tenth of a second: {@link #load} it from a worker thread before the first turn.
 */
public final class TokenCounter {

  /** What o200k cuts a text into before it looks for tokens: words, up to three digits, signs, line ends, spaces. */
  private static final Pattern PIECE = Pattern.compile(
      String.join(
          "|",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
          "\\p{N}{1,3}",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
          "\\s*[\\r\\n]+",
          "\\s+(?!\\S)",
          "\\s+"),
      Pattern.UNICODE_CHARACTER_CLASS);

  private TokenCounter() {}

  /** Loaded by the first use of the class, once, and never changed. */
  private static final class O200k {
    private static final Vocabulary VOCABULARY =
        Vocabulary.read(Encodings.class, "o200k_base.tiktoken");
  }

  /** Makes the first count as quick as the later ones. */
  public static void load() {
    count("load");
  }

  public static int count(String text) {
    int tokens = 0;
    Matcher piece = PIECE.matcher(text);
    while (piece.find()) {
      tokens += BytePairs.count(O200k.VOCABULARY, piece.group().getBytes(StandardCharsets.UTF_8));
    }
    return tokens;
  }
}
