import numpy as np
import pytest

pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
from export.data.spectrograms import FRAMES, HOP, SAMPLE_RATE, log_mel


def tone(frequency, seconds):
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def test_a_spectrogram_is_the_papers():
    mel = log_mel(tone(440, 4.0))
    assert mel.dtype == np.uint8
    assert mel.shape == (128, 1 + 4 * SAMPLE_RATE // HOP)
    assert mel.max() == 255


def test_a_spectrogram_against_librosa():
    import librosa

    audio = tone(440, 1.0) * np.linspace(0, 1, SAMPLE_RATE, dtype=np.float32)
    wanted = librosa.amplitude_to_db(
        np.sqrt(librosa.feature.melspectrogram(y=audio, sr=22050, n_fft=512, hop_length=512, n_mels=128)),
        ref=np.max,
        top_db=80.0,
    )
    assert log_mel(audio) / 255 * 80 - 80 == pytest.approx(wanted, abs=0.5 * 80 / 255 + 1e-3)


def test_no_more_than_528_frames():
    assert log_mel(tone(440, 13.0)).shape == (128, FRAMES)


def test_silence_is_zero():
    assert log_mel(np.zeros(SAMPLE_RATE, dtype=np.float32)).max() == 0
