package io.consoul.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Has tests wait for what must come as long as a busy machine may need, where they do not say how long. It costs nothing where
 * it comes. Found by JUnit itself, in every module that has this one.
 */
public final class Patience implements LauncherSessionListener {

  /** Six times Awaitility's own. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    Awaitility.setDefaultTimeout(LIMIT);
  }
}
