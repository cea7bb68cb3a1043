package io.consoul.launcher.chat;

/**
 * What the user has asked for.
 *
 * @param isNewSession whether its id was made up here
 * @param model null for the session's
 * @param apiKey null for none
 * @param message the only one, or null for as many as come
 */
record ChatOptions(
    String session, boolean isNewSession, String model, String apiKey, String message) {

  /** Without the key. */
  @Override
  public String toString() {
    return "ChatOptions[" + session + "]";
  }
}
