package io.consoul.message;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;

/**
 * Counts tokens where a provider does not tell: exact for OpenAI's newer models, an estimate for the others. Loading the
 * vocabulary takes a good part of a second: {@link #load} it from a worker thread before the first turn.
 */
public final class TokenCounter {

  private TokenCounter() {}

  /** Loaded by the first use of the class, once, and never changed. */
  private static final class Vocabulary {
    private static final Encoding O200K =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
  }

  /** Makes the first count as quick as the later ones. */
  public static void load() {
    count("load");
  }

  public static int count(String text) {
    return Vocabulary.O200K.countTokensOrdinary(text);
  }
}
