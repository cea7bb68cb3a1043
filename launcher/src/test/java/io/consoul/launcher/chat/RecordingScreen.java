package io.consoul.launcher.chat;

import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a user would have seen. */
final class RecordingScreen implements Screen {

  final List<String> notes = new CopyOnWriteArrayList<>();
  final List<String> errors = new CopyOnWriteArrayList<>();
  final List<String> summaries = new CopyOnWriteArrayList<>();
  private final StringBuffer text = new StringBuffer();

  String text() {
    return text.toString();
  }

  void awaitText(String whole) {
    await().until(() -> text().equals(whole));
  }

  @Override
  public void print(String piece) {
    text.append(piece);
  }

  @Override
  public void rewrite(String piece) {
    text.append("|").append(piece);
  }

  @Override
  public void note(String line) {
    notes.add(line);
  }

  @Override
  public void error(String line) {
    errors.add(line);
  }

  @Override
  public void finish(String summary) {
    summaries.add(summary);
  }
}
