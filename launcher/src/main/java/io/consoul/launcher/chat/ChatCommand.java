package io.consoul.launcher.chat;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code consoul chat}: talks to a running Consoul from a terminal or a script. It stands here without the classes that do
 * it, because each start of the server looks at the commands that there are.
 */
@Command(
    name = "chat",
    mixinStandardHelpOptions = true,
    description =
        "Chats with a running Consoul: in a terminal, with the lines of a pipe, or with one message.",
    footer = {
      "",
      "Exit status: 0 answered or left, 1 failed, 2 wrong options, 130 interrupted in a script."
    })
public final class ChatCommand implements Callable<Integer> {

  private static final int BAD_OPTIONS = 2;
  private static final String DEFAULT_URL = "http://127.0.0.1:8000";

  /** Without what is read as something else: 0 and o, 1 and l. */
  private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

  private static final int RANDOM_LETTERS = 8;

  @Option(
      names = "--url",
      paramLabel = "<url>",
      description = "Where Consoul is (CONSOUL_URL, default: " + DEFAULT_URL + ").")
  private String url;

  @Option(
      names = "--session",
      paramLabel = "<id>",
      description = "Conversation to begin or to go on with (default: a new one).")
  private String session;

  @Option(
      names = "--model",
      paramLabel = "<name>",
      description = "Model that answers (default: the session's).")
  private String model;

  @Option(
      names = "--api-key",
      paramLabel = "<key>",
      description = "Key of a protected Consoul; CONSOUL_API_KEY keeps it out of the process list.")
  private String apiKey;

  @Parameters(
      paramLabel = "<word>",
      arity = "0..*",
      description =
          "One message: prints the answer and ends. After -- words may begin with a dash.")
  private List<String> words;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Map<String, String> environment = System.getenv();
    String key = given(apiKey, environment.get("CONSOUL_API_KEY"));
    if (key != null && !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
      err.println("The API key holds characters that no key has.");
      return BAD_OPTIONS;
    }
    String id = session == null ? newSession() : session;
    String message = words == null ? null : String.join(" ", words);
    if (id.isBlank() || message != null && message.isBlank()) {
      err.println("The " + (id.isBlank() ? "session id" : "message") + " must not be empty.");
      return BAD_OPTIONS;
    }
    ChatAddress address;
    try {
      String place = given(url, environment.get("CONSOUL_URL"));
      address = ChatAddress.of(place == null ? DEFAULT_URL : place, id);
    } catch (IllegalArgumentException unusable) {
      err.println(unusable.getMessage());
      return BAD_OPTIONS;
    }
    return new Chat(address, new ChatOptions(id, session == null, model, key, message)).run();
  }

  private static String given(String option, String variable) {
    String text = option == null ? variable : option;
    return text == null || text.isBlank() ? null : text.strip();
  }

  private static String newSession() {
    StringBuilder id = new StringBuilder("chat-");
    new SecureRandom()
        .ints(RANDOM_LETTERS, 0, LETTERS.length())
        .forEach(place -> id.append(LETTERS.charAt(place)));
    return id.toString();
  }
}
