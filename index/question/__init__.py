"""What was typed becomes a question: phrases, minus words, numbers in either script, slips by sound and pinyin."""
