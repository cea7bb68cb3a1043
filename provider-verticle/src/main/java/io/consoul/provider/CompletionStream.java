package io.consoul.provider;

/** An answer that is being given. */
public interface CompletionStream {

  /** Stops reading; what is already on its way may still come. */
  void pause();

  void resume();

  /** Whether the provider was asked at once, and has not even begun to respond. */
  default boolean isUnanswered() {
    return false;
  }

  /** Ends it: the provider stops working on it, and its sink hears nothing more. Harmless after the end. */
  void cancel();
}
